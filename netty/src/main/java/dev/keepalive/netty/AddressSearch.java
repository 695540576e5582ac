package dev.keepalive.netty;

import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks one name up for one dial, and tells each family's addresses as they come. If those of the other family are
 * there before those of the preferred one, they wait a moment for them (RFC 8305, section 3). Event loop only.
 */
final class AddressSearch {
    /** RFC 8305, section 3: the resolution delay. */
    static final long RESOLUTION_DELAY_MILLIS = 50;

    /** Is told what is found. */
    interface Listener {
        /** There are addresses; more may come. */
        void found(List<InetAddress> addresses);

        /** Nothing more will come. */
        void ended();
    }

    private final NameLookup nameLookup;
    private final EventLoop loop;
    private final boolean ipv6Preferred;
    private final Listener listener;
    private final List<Question> unanswered = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final List<InetAddress> heldBack = new ArrayList<>();
    private @Nullable Future<?> delay;
    private boolean reported;

    AddressSearch(NameLookup nameLookup, EventLoop loop, boolean sixPreferred, Listener listener) {
        this.nameLookup = nameLookup;
        this.loop = loop;
        this.ipv6Preferred = sixPreferred;
        this.listener = listener;
    }

    /** Begins. The answer may come before this returns. */
    void begin(String host) {
        List<InetAddress> known = nameLookup.inHostsFile(host);
        if (!known.isEmpty()) {
            listener.found(known);
            listener.ended();
            return;
        }
        for (CoalescedLookups source : nameLookup.sources()) {
            unanswered.add(new Question());
        }
        List<Question> questions = List.copyOf(unanswered);
        for (int i = 0; i < questions.size(); i++) {
            questions.get(i).ask(nameLookup.sources().get(i), host);
        }
    }

    /** Gives up: nothing is told any more. */
    void stop() {
        List<Question> left = List.copyOf(unanswered);
        unanswered.clear();
        heldBack.clear();
        stopDelay();
        left.forEach(Question::leave);
    }

    /** Whether every question was answered, be it by that there is nothing: so that what was not found is not there. */
    boolean isComplete() {
        return failures.stream()
                .map(cause -> SystemErrors.of(Phase.RESOLVE, cause))
                .allMatch(SystemErrors::isNoSuchName);
    }

    /** Why nothing was found. */
    DialException failure(String host) {
        List<DialException> all = failures.isEmpty()
                ? List.of(SystemErrors.of(Phase.RESOLVE, new UnknownHostException(host)))
                : failures.stream()
                        .map(cause -> SystemErrors.of(Phase.RESOLVE, cause))
                        .toList();
        // That the one family is not known says little while the other could not be asked for.
        DialException first =
                all.stream().filter(SystemErrors::isTemporary).findFirst().orElse(all.get(0));
        all.stream().filter(other -> other != first).forEach(first::addSuppressed);
        return first;
    }

    /** One family's question. */
    private final class Question implements CoalescedLookups.Asker {
        private CoalescedLookups.@Nullable Lookup lookup;

        void ask(CoalescedLookups source, String host) {
            lookup = source.join(host, loop, this);
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
            // Never now: the lookup is being joined, or the answer is on its way to others.
            loop.execute(task);
        } catch (RejectedExecutionException shutDown) {
            // The dial is answered when it is stopped.
            return;
        }
    }

    private void answered(Question question, List<InetAddress> addresses) {
        if (!unanswered.remove(question)) {
            return;
        }
        heldBack.addAll(addresses);
        boolean preferredIsThere =
                heldBack.stream().anyMatch(address -> address instanceof Inet6Address == ipv6Preferred);
        if (reported || unanswered.isEmpty() || preferredIsThere) {
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
