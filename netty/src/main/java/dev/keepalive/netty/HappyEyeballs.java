package dev.keepalive.netty;

import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tries the addresses of a name, and uses the first that connects: Happy Eyeballs (RFC 8305, section 5). An attempt
 * begins a quarter of a second after the one before it, or as soon as an attempt fails. At most three are under way:
 * before another begins, the oldest that still connects is closed. All losers are closed before the winner is reported.
 * Event loop only.
 *
 * @param <R> the type of attempt
 */
final class HappyEyeballs<R extends HappyEyeballs.Runner> {
    /** RFC 8305, section 5: the connection attempt delay. */
    static final long ATTEMPT_DELAY_MILLIS = 250;

    /** How many attempts are under way at most. So a name with many silent addresses needs no more descriptors. */
    static final int MAX_ATTEMPTS = 3;

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
    /** The attempts that have a descriptor, the oldest first, with their addresses. */
    private final Map<R, SocketAddress> running = new LinkedHashMap<>();

    /** The oldest attempt, while it is being closed to make room for another. */
    private @Nullable R makingRoom;

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
        if (running.size() == MAX_ATTEMPTS && !candidates.isEmpty()) {
            makeRoom();
            return;
        }
        SocketAddress remote = candidates.next();
        if (remote == null) {
            endIfOver();
            return;
        }
        try {
            running.put(starter.start(remote, finish), remote);
        } catch (Throwable e) {
            failures.add(SystemErrors.of(Phase.CONNECT, e));
            startNext();
            return;
        }
        nextAttempt = loop.schedule(this::startNext, ATTEMPT_DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Closes the oldest attempt. The next begins when its descriptor is closed. */
    private void makeRoom() {
        if (makingRoom != null) {
            return;
        }
        R oldest = running.keySet().iterator().next();
        makingRoom = oldest;
        oldest.close(() -> {
            makingRoom = null;
            SocketAddress remote = running.remove(oldest);
            failures.add(SystemErrors.of(
                    Phase.CONNECT, new SocketTimeoutException("no answer yet, and more addresses to try: " + remote)));
            startNext();
        });
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
        for (R attempt : List.copyOf(running.keySet())) {
            if (attempt != but && attempt != makingRoom) {
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
