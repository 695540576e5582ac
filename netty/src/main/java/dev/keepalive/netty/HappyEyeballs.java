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
 * Tries the addresses of a name, and takes the first that connects: Happy Eyeballs (RFC 8305, section 5). The next
 * attempt begins a quarter of a second after the last, or as soon as one fails. The losers are closed before the winner
 * is told. Event loop only.
 */
final class HappyEyeballs<R extends HappyEyeballs.Runner> {
    /** RFC 8305, section 5: the connection attempt delay. */
    static final long ATTEMPT_DELAY_MILLIS = 250;

    /** One try to connect to one address. */
    interface Runner {
        /** Gives up, without a word to the peer, and says when the descriptor is closed. */
        void close(Runnable whenClosed);
    }

    /** Begins a try. */
    interface Starter<R extends Runner> {
        /** Begins to connect to this address. What it throws counts as a failure. */
        R start(SocketAddress remote, Finish<R> finish);
    }

    /** Is told how a try goes, on the event loop, never before {@link Starter#start} returns. */
    interface Finish<R extends Runner> {
        /** It is connected. */
        void connected(R runner);

        /**
         * It did not connect, and its descriptor is closed; not told of one that was closed by {@link Runner#close}.
         */
        void failed(R runner, DialException failure);
    }

    /** Is told the outcome, once. */
    interface Listener<R extends Runner> {
        /** One is connected, and all others are closed. */
        void won(R winner);

        /** Nothing is left to try, and every descriptor is closed. Empty if nothing was tried. */
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

    /** There are new candidates. */
    void candidatesAdded() {
        if (running.isEmpty() || nextAttempt == null) {
            startNext();
        }
    }

    /** There will be no more candidates. */
    void candidatesComplete() {
        mayGetMoreCandidates = false;
        endIfOver();
    }

    /** Gives up: closes what is under way. To be answered as lost, unless it has been answered. */
    void stop() {
        stopped = true;
        mayGetMoreCandidates = false;
        // If one has connected, and waits for the others to be closed, it is closed like them.
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
