package dev.keepalive.netty;

import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks one name up for one dial, and reports the addresses of each family as they arrive. If addresses of the other
 * family arrive before those of the preferred one, they are held back for a moment (RFC 8305, section 3). Event loop
 * only.
 */
final class AddressSearch {
    /** RFC 8305, section 3: the resolution delay. */
    static final long RESOLUTION_DELAY_MILLIS = 50;

    /** Receives the addresses. */
    interface Listener {
        /** Addresses were found; more may follow. */
        void found(List<InetAddress> addresses);

        /** No more addresses will follow. */
        void ended();
    }

    private final HostNameResolver hostNameResolver;
    private final EventLoop loop;
    private final boolean ipv6Preferred;
    private final Duration patience;
    private final Listener listener;
    private final List<Question> unanswered = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final List<InetAddress> heldBack = new ArrayList<>();
    private @Nullable Future<?> delay;
    private boolean reported;

    /** @param patience how long the dial waits for the addresses at most */
    AddressSearch(
            HostNameResolver hostNameResolver,
            EventLoop loop,
            boolean ipv6Preferred,
            Duration patience,
            Listener listener) {
        this.hostNameResolver = hostNameResolver;
        this.loop = loop;
        this.ipv6Preferred = ipv6Preferred;
        this.patience = patience;
        this.listener = listener;
    }

    /** Begins the lookup. The listener may be called before this method returns. */
    void begin(String host) {
        List<InetAddress> known = hostNameResolver.inHostsFile(host);
        if (!known.isEmpty()) {
            listener.found(known);
            listener.ended();
            return;
        }
        for (CoalescedLookups source : hostNameResolver.sources(loop.ticker().nanoTime())) {
            unanswered.add(new Question(source));
        }
        List.copyOf(unanswered).forEach(question -> question.ask(host));
    }

    /** Gives up: the listener is not called any more. */
    void stop() {
        List<Question> left = List.copyOf(unanswered);
        unanswered.clear();
        heldBack.clear();
        stopDelay();
        left.forEach(Question::leave);
    }

    /** True if every lookup was answered. Then an address that is not in the answers does not exist any more. */
    boolean isComplete() {
        return failures.stream()
                .map(cause -> SystemErrors.of(Phase.RESOLVE, cause))
                .allMatch(SystemErrors::isNoSuchName);
    }

    /** The failure to report when no address was found. */
    DialException failure(String host) {
        List<DialException> all = failures.isEmpty()
                ? List.of(SystemErrors.of(Phase.RESOLVE, new UnknownHostException(host)))
                : failures.stream()
                        .map(cause -> SystemErrors.of(Phase.RESOLVE, cause))
                        .toList();
        // A missing name in one family says little if the lookup of the other family failed.
        DialException first =
                all.stream().filter(SystemErrors::isTemporary).findFirst().orElse(all.get(0));
        all.stream().filter(other -> other != first).forEach(first::addSuppressed);
        return first;
    }

    /** The lookup in one source, so mostly of one family. */
    private final class Question implements CoalescedLookups.Asker {
        private final CoalescedLookups source;
        private CoalescedLookups.@Nullable Lookup lookup;

        Question(CoalescedLookups source) {
            this.source = source;
        }

        void ask(String host) {
            lookup = source.join(host, loop, patience, this);
        }

        void leave() {
            if (lookup != null) {
                lookup.leave(this);
            }
        }

        @Override
        public void found(List<InetAddress> addresses) {
            onLoop(() -> answered(this, addresses));
        }

        @Override
        public void failed(Throwable cause) {
            onLoop(() -> {
                failures.add(cause);
                answered(this, List.of());
            });
        }
    }

    private void onLoop(Runnable task) {
        try {
            // Never within this call: the lookup is being joined, or is reporting its answer to other askers.
            loop.execute(task);
        } catch (RejectedExecutionException shutDown) {
            // The dial is answered when the manager stops it.
            return;
        }
    }

    private void answered(Question question, List<InetAddress> addresses) {
        if (!unanswered.remove(question)) {
            return;
        }
        heldBack.addAll(addresses);
        boolean hasPreferred = heldBack.stream().anyMatch(address -> address instanceof Inet6Address == ipv6Preferred);
        if (reported || unanswered.isEmpty() || hasPreferred) {
            report();
        } else if (delay == null && !heldBack.isEmpty()) {
            delay = loop.schedule(this::report, RESOLUTION_DELAY_MILLIS, TimeUnit.MILLISECONDS);
        }
        if (unanswered.isEmpty()) {
            listener.ended();
        }
    }

    private void report() {
        stopDelay();
        if (!heldBack.isEmpty()) {
            reported = true;
            List<InetAddress> found = List.copyOf(heldBack);
            heldBack.clear();
            listener.found(found);
        }
    }

    private void stopDelay() {
        if (delay != null) {
            delay.cancel(false);
            delay = null;
        }
    }
}
