package dev.keepalive.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Lease;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A callback that acquires again, and is answered at once, needs a constant stack however often it does so. */
class ManagerConstantStackTest extends ManagerRig {
    private static final int ROUNDS = 20_000;

    /** Much less than one frame for each round. */
    private static final int MOST_FRAMES = 500;

    /** A prime, so that no pattern of growing and shrinking goes unseen. */
    private static final int LOOK_EVERY = 37;

    /** Kept in a field: the JDK holds loggers weakly, and their levels are lost with them. */
    private static final Logger LOG = Logger.getLogger("dev.keepalive");

    private int rounds;
    private int deepest;
    private boolean over;

    /** The manager's own executor. */
    enum ManagersExecutor {
        QUEUED,
        DIRECT;

        Executor executor(Executor queued) {
            return this == QUEUED ? queued : Runnable::run;
        }
    }

    /** Each answer that an executor refuses is logged with its stack trace, which takes longer than all the rest. */
    @BeforeAll
    static void silenceTheLog() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void logAgain() {
        LOG.setLevel(null);
    }

    @AfterEach
    void stopAcquiring() {
        over = true;
    }

    /** Returns true, and now and then notes the depth of the stack, until there were enough rounds. */
    private boolean goesOn() {
        if (rounds % LOOK_EVERY == 0) {
            deepest = Math.max(deepest, new Throwable().getStackTrace().length);
        }
        return !over && ++rounds < ROUNDS;
    }

    private void assertConstantStack() {
        tasks.runAll();
        assertThat(rounds).isEqualTo(ROUNDS);
        assertThat(deepest).isLessThan(MOST_FRAMES);
    }

    private void replaceManager(ManagersExecutor managers, ConnectionListener listener) {
        replaceManager(4, 1, options -> options.callbackExecutor(managers.executor(tasks))
                .listener(listener));
    }

    private void pause() {
        for (int i = 0; i < 2; i++) {
            CompletableFuture<?> failed = manager.acquire(A);
            tasks.runAll();
            connector.nextDial().refuse();
            tasks.runAll();
            assertThat(failed).isCompletedExceptionally();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCallbackThatAsksAgainAtAPausedEndpoint(ManagersExecutor managers) {
        replaceManager(managers, ConnectionListener.NONE);
        pause();
        askAgainWhenFailed(null);
        assertConstantStack();
    }

    private void askAgainWhenFailed(@Nullable AcquireException before) {
        if (goesOn()) {
            manager.acquire(AcquireRequest.to(A), Runnable::run, Lease::release, this::askAgainWhenFailed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCallbackThatAsksAgainAtAnIdleEndpoint(ManagersExecutor managers) {
        replaceManager(managers, ConnectionListener.NONE);
        lease().release();
        tasks.runAll();
        askAgainWhenServed(null);
        assertConstantStack();
    }

    private void askAgainWhenServed(@Nullable Lease<FakeConnection> before) {
        if (before != null) {
            before.release();
        }
        if (goesOn()) {
            manager.acquire(AcquireRequest.to(A), Runnable::run, this::askAgainWhenServed, failure -> {});
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCallbackThatAsksAgainWhenItsExecutorRefusedTheAnswer(ManagersExecutor managers) {
        replaceManager(managers, ConnectionListener.NONE);
        lease().release();
        tasks.runAll();
        askAgainWhenRefused(null);
        assertConstantStack();
    }

    private void askAgainWhenRefused(@Nullable AcquireException before) {
        if (goesOn()) {
            manager.acquire(AcquireRequest.to(A), refusingExecutor(), lease -> {}, this::askAgainWhenRefused);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aListenerThatAsksAgainAtAPausedEndpoint(ManagersExecutor managers) {
        ConnectionListener listener = new ConnectionListener() {
            @Override
            public void failed(AcquireException failure) {
                if (connector.dials().size() == 2 && goesOn()) {
                    manager.acquire(A);
                }
            }
        };
        replaceManager(managers, listener);
        pause();
        assertConstantStack();
    }

    @Test
    void aCallbackMayWaitForTheAnswerToAnAcquireOfItsOwn() throws Exception {
        try (ConnectionManager<FakeConnection> threaded = ConnectionManager.builder(FakeConnector.prompt())
                .maxOpenPerEndpoint(2)
                .build()) {
            for (int i = 0; i < 2; i++) {
                threaded.blocking().acquire(A).invalidate();
            }
            Lease<FakeConnection> first = threaded.blocking().acquire(A);
            threaded.blocking().acquire(A).release();
            first.release();
            CompletableFuture<Object> answered = new CompletableFuture<>();
            threaded.acquire(
                    AcquireRequest.to(A), Runnable::run, outer -> wait(threaded, answered), answered::complete);
            assertThat(answered.get(30, SECONDS)).isEqualTo("answered");
        }
    }

    private static void wait(ConnectionManager<FakeConnection> threaded, CompletableFuture<Object> answered) {
        Future<?> inner = threaded.acquire(AcquireRequest.to(A), Runnable::run, Lease::release, failure -> {});
        try {
            inner.get(30, SECONDS);
            answered.complete("answered");
        } catch (Exception notAnswered) {
            answered.complete(notAnswered);
        }
    }
}
