package dev.keepalive.netty;

import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tries the addresses of a name, and uses the first that connects: Happy Eyeballs (RFC 8305, section 5). An attempt
 * begins a quarter of a second after the one before it, or as soon as an attempt fails. All losers are closed before
 * the winner is reported. Event loop only.
 *
 * @param <R> the type of attempt
 */
final class HappyEyeballs<R extends HappyEyeballs.Runner> {
    /** RFC 8305, section 5: the connection attempt delay. */
    static final long ATTEMPT_DELAY_MILLIS = 250;

    /** One attempt to connect to one address. */
    interface Runner {
        /** Gives up without sending anything to the peer, and runs this task when the descriptor is closed. */
        void close(Runnable whenClosed);
    }

    /** Begins attempts. */
    interface Starter<R extends Runner> {
        /** Begins to connect to this address. What it throws counts as a failure. */
        R start(SocketAddress remote, Finish<R> finish);
    }

    /** Receives the result of an attempt, on the event loop, never before {@link Starter#start} returns. */
    interface Finish<R extends Runner> {
        /** The attempt is connected. */
        void connected(R runner);

        /**
         * The attempt did not connect, and its descriptor is closed. Not called for an attempt that was closed by
         * {@link Runner#close}.
         */
        void failed(R runner, DialException failure);
    }

    /** Receives the outcome, once. */
    interface Listener<R extends Runner> {
        /** One attempt is connected, and all others are closed. */
        void won(R winner);

        /**
         * No address is left to try, and every descriptor is closed.
         *
         * @param failures one for each attempt; empty if no address was tried
         */
        void lost(List<DialException> failures);
    }

    private final Starter<R> starter;
    private final EventLoop loop;
    private final Listener<R> listener;
    private final AddressCandidates candidates;
    private final Finish<R> finish = new Finish<>() {
        @Override
        public void connected(R runner) {
            HappyEyeballs.this.connected(runner);
        }

        @Override
        public void failed(R runner, DialException failure) {
            HappyEyeballs.this.failed(runner, failure);
        }
    };
    private final Set<R> running = new LinkedHashSet<>();
    private final List<DialException> failures = new ArrayList<>();
    private @Nullable Future<?> nextAttempt;
    private @Nullable R winner;
    private boolean mayGetMoreCandidates = true;
    private boolean stopped;
    private boolean reported;

    HappyEyeballs(Starter<R> starter, EventLoop loop, AddressCandidates candidates, Listener<R> listener) {
        this.starter = starter;
        this.loop = loop;
        this.candidates = candidates;
        this.listener = listener;
    }

    /** Candidates were added: an attempt begins if none is running, or if the delay after the last one is over. */
    void candidatesAdded() {
        if (running.isEmpty() || nextAttempt == null) {
            startNext();
        }
    }

    /** The candidates are complete: no more will be added. */
    void candidatesComplete() {
        mayGetMoreCandidates = false;
        endIfOver();
    }

    /** Gives up: closes all attempts. Reported as lost, unless the outcome has been reported. */
    void stop() {
        stopped = true;
        mayGetMoreCandidates = false;
        // An attempt that has connected, and waits until the others are closed, is closed like them.
        winner = null;
        closeAll(null);
        endIfOver();
    }

    private void startNext() {
        cancelNextAttempt();
        if (stopped || winner != null || loop.isShuttingDown()) {
            endIfOver();
            return;
        }
        SocketAddress remote = candidates.next();
        if (remote == null) {
            endIfOver();
            return;
        }
        try {
            running.add(starter.start(remote, finish));
        } catch (Throwable e) {
            failures.add(SystemErrors.of(Phase.CONNECT, e));
            startNext();
            return;
        }
        nextAttempt = loop.schedule(this::startNext, ATTEMPT_DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void connected(R attempt) {
        if (winner == null && !stopped) {
            winner = attempt;
            cancelNextAttempt();
            closeAll(attempt);
            endIfOver();
        }
    }

    private void failed(R attempt, DialException failure) {
        running.remove(attempt);
        failures.add(failure);
        startNext();
    }

    private void closeAll(@Nullable R but) {
        for (R attempt : List.copyOf(running)) {
            if (attempt != but) {
                attempt.close(() -> {
                    running.remove(attempt);
                    endIfOver();
                });
            }
        }
    }

    private void endIfOver() {
        if (reported) {
            return;
        }
        if (winner != null && running.size() == 1) {
            reported = true;
            listener.won(winner);
        } else if (winner == null && running.isEmpty() && isExhausted()) {
            reported = true;
            cancelNextAttempt();
            listener.lost(failures);
        }
    }

    private boolean isExhausted() {
        return stopped || loop.isShuttingDown() || (!mayGetMoreCandidates && candidates.isEmpty());
    }

    private void cancelNextAttempt() {
        if (nextAttempt != null) {
            nextAttempt.cancel(false);
            nextAttempt = null;
        }
    }
}
