package dev.keepalive.netty;

import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tries the addresses of a name, and takes the first that connects: Happy Eyeballs (RFC 8305, section 5). The next attempt begins a quarter of a
 * second after the last, or as soon as one fails. The losers are closed before the winner is told. Event loop only.
 */
final class Race implements Attempt.Listener {
    /** RFC 8305, section 5: the connection attempt delay. */
    static final long ATTEMPT_DELAY_MILLIS = 250;

    /** Is told the outcome, once. */
    interface Listener {
        /** An attempt is connected, and all others are closed. */
        void won(Attempt winner);

        /** Nothing is left to try, and every descriptor is closed. Empty if nothing was tried. */
        void lost(List<DialException> failures);
    }

    private final Circuit circuit;
    private final EventLoop loop;
    private final Listener listener;
    private final Candidates candidates;
    private final Set<Attempt> running = new LinkedHashSet<>();
    private final List<DialException> failures = new ArrayList<>();
    private @Nullable Future<?> pace;
    private @Nullable Attempt winner;
    private boolean mayGetMore = true;
    private boolean stopped;
    private boolean told;

    Race(Circuit circuit, EventLoop loop, Candidates candidates, Listener listener) {
        this.circuit = circuit;
        this.loop = loop;
        this.candidates = candidates;
        this.listener = listener;
    }

    /** There are new candidates. */
    void goOn() {
        if (running.isEmpty() || pace == null) {
            next();
        }
    }

    /** There will be no more candidates. */
    void noMore() {
        mayGetMore = false;
        endIfOver();
    }

    /** Gives up: closes what is under way. To be answered as lost, unless it has been answered. */
    void stop() {
        stopped = true;
        mayGetMore = false;
        closeAll(null);
        endIfOver();
    }

    private void next() {
        stopPace();
        if (stopped || winner != null || loop.isShuttingDown()) {
            endIfOver();
            return;
        }
        SocketAddress remote = candidates.next();
        if (remote == null) {
            endIfOver();
            return;
        }
        DuplexChannel channel;
        try {
            channel = circuit.open(remote);
        } catch (RuntimeException e) {
            failures.add(SystemErrors.of(Phase.CONNECT, e));
            next();
            return;
        }
        Attempt attempt = new Attempt(remote, loop, channel, this);
        running.add(attempt);
        attempt.begin(circuit);
        pace = loop.schedule(this::next, ATTEMPT_DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void connected(Attempt attempt) {
        if (winner == null && !stopped) {
            winner = attempt;
            stopPace();
            closeAll(attempt);
            endIfOver();
        }
    }

    @Override
    public void failed(Attempt attempt, DialException failure) {
        running.remove(attempt);
        failures.add(failure);
        next();
    }

    private void closeAll(@Nullable Attempt but) {
        for (Attempt attempt : List.copyOf(running)) {
            if (attempt != but) {
                attempt.close(() -> {
                    running.remove(attempt);
                    endIfOver();
                });
            }
        }
    }

    private void endIfOver() {
        if (told) {
            return;
        }
        if (winner != null && running.size() == 1) {
            told = true;
            listener.won(winner);
        } else if (winner == null && running.isEmpty() && isHopeless()) {
            told = true;
            stopPace();
            listener.lost(failures);
        }
    }

    private boolean isHopeless() {
        return stopped || loop.isShuttingDown() || (!mayGetMore && candidates.isEmpty());
    }

    private void stopPace() {
        if (pace != null) {
            pace.cancel(false);
            pace = null;
        }
    }
}
