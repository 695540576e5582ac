package dev.keepalive.netty;

import dev.keepalive.Phase;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.LinkEvents;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One dial. It looks up the name of the first hop, tries its addresses by Happy Eyeballs, and goes through proxies and
 * TLS on the socket that connects first. It runs on one event loop; {@link #stop} is safe from any thread.
 *
 * <p>A failure after a socket is connected ends the dial, since the other addresses of the name are expected to fail in
 * the same way.
 */
final class NettyDial implements Dial {
    /** How many failures of addresses are told one by one. */
    private static final int MAX_CAUSES = 8;

    /** EACCES, as Linux counts. */
    private static final int PERMISSION_DENIED = 13;

    private final ConnectorContext context;
    private final Route route;
    private final EventLoop loop;
    private final Duration timeout;
    private final LinkEvents<?> events;
    private final AtomicBoolean answered = new AtomicBoolean();

    // Event loop only.
    private Phase phase = Phase.RESOLVE;
    private @Nullable AddressSearch search;
    private @Nullable AddressCandidates candidates;
    private @Nullable HappyEyeballs<ConnectAttempt> happyEyeballs;
    private @Nullable ConnectAttempt winner;
    private boolean stopped;
    private boolean someAreRefused;
    private @Nullable Throwable filterFailure;

    /** @param timeout how long the manager waits before it stops the dial */
    NettyDial(ConnectorContext context, Route route, EventLoop loop, Duration timeout, LinkEvents<?> events) {
        this.context = context;
        this.route = route;
        this.loop = loop;
        this.timeout = timeout;
        this.events = events;
    }

    void begin() {
        runOnLoop(() -> {
            try {
                resolve();
            } catch (Throwable e) {
                // For example, the address names a network interface that no longer exists. No descriptor is open yet.
                fail(SystemErrors.of(phase, e));
            }
        });
    }

    @Override
    public void stop() {
        runOnLoop(this::stopNow);
    }

    private void stopNow() {
        if (stopped || answered.get()) {
            return;
        }
        stopped = true;
        if (search != null) {
            search.stop();
        }
        ConnectAttempt connected = winner;
        if (connected != null) {
            connected.close(() -> lost(List.of()));
        } else if (happyEyeballs != null) {
            happyEyeballs.stop();
        } else {
            lost(List.of());
        }
    }

    // ---- looking up

    private void resolve() throws IOException {
        if (stopped) {
            return;
        }
        if (context.addressFilter() != null && !route.isAllowedBehindProxies(this::isAllowed)) {
            fail(refused("the address behind the proxy"));
            return;
        }
        String host = route.firstHop().host();
        SocketAddress direct = route.directAddress();
        if (direct != null) {
            connectTo(AddressCandidates.only(direct));
            noMoreAddresses();
        } else if (TlsSettings.isAddress(host)) {
            connectTo(candidates(null));
            found(List.of(TlsSettings.parseAddress(host)));
            noMoreAddresses();
        } else {
            enter(Phase.RESOLVE);
            search(host);
        }
    }

    private void search(String host) {
        Boolean ipv6Won = context.familyCache().ipv6Won(host);
        AddressCandidates candidatesOfName = candidates(ipv6Won);
        search = new AddressSearch(
                context.hostNameResolver(), loop, ipv6Won == null || ipv6Won, timeout, new AddressSearch.Listener() {
                    @Override
                    public void found(List<InetAddress> addresses) {
                        if (happyEyeballs == null) {
                            connectTo(candidatesOfName);
                        }
                        NettyDial.this.found(addresses);
                    }

                    @Override
                    public void ended() {
                        noMoreAddresses();
                    }
                });
        search.begin(host);
    }

    private AddressCandidates candidates(@Nullable Boolean ipv6First) {
        InetAddress bind = route.bindAddress();
        return new AddressCandidates(
                route.firstHop().port(),
                address -> (bind == null || address.getClass() == bind.getClass()) && isAllowed(address),
                ipv6First);
    }

    /** Whether the program lets this address be dialed. Foreign code. */
    private boolean isAllowed(InetAddress address) {
        Predicate<? super InetAddress> filter = context.addressFilter();
        if (filter == null) {
            return true;
        }
        try {
            boolean allowed = filter.test(address);
            someAreRefused |= !allowed;
            return allowed;
        } catch (Throwable thrown) {
            someAreRefused = true;
            filterFailure = thrown;
            return false;
        }
    }

    private DialException refused(String what) {
        return new DialException(
                Phase.CONNECT,
                PERMISSION_DENIED,
                "Permission denied: the addressFilter refuses " + what,
                filterFailure);
    }

    // ---- connecting

    private void connectTo(AddressCandidates to) {
        enter(Phase.CONNECT);
        candidates = to;
        happyEyeballs = new HappyEyeballs<>(this::start, loop, to, new HappyEyeballs.Listener<>() {
            @Override
            public void won(ConnectAttempt attempt) {
                NettyDial.this.won(attempt);
            }

            @Override
            public void lost(List<DialException> failures) {
                NettyDial.this.lost(failures);
            }
        });
        happyEyeballs.candidatesAdded();
    }

    private ConnectAttempt start(SocketAddress remote, HappyEyeballs.Finish<ConnectAttempt> finish) {
        ConnectAttempt attempt = new ConnectAttempt(remote, loop, route.openSocket(remote), finish);
        attempt.begin(route);
        return attempt;
    }

    private void found(List<InetAddress> addresses) {
        if (candidates != null && happyEyeballs != null) {
            candidates.add(addresses);
            happyEyeballs.candidatesAdded();
        }
    }

    private void noMoreAddresses() {
        if (happyEyeballs != null) {
            happyEyeballs.candidatesComplete();
        } else if (search != null) {
            fail(search.failure(route.firstHop().host()));
        }
    }

    private void won(ConnectAttempt attempt) {
        winner = attempt;
        if (search != null) {
            search.stop();
        }
        if (attempt.remote() instanceof InetSocketAddress remote
                && !TlsSettings.isAddress(route.firstHop().host())) {
            context.familyCache().recordWinner(route.firstHop().host(), remote.getAddress() instanceof Inet6Address);
        }
        attempt.proceed(new ConnectAttempt.Progress() {
            @Override
            public void entered(Phase next) {
                enter(next);
            }

            @Override
            public void done() {
                open(attempt);
            }

            @Override
            public void failed(DialException failure) {
                lost(List.of(failure));
            }
        });
    }

    /**
     * Ends the dial without a connection. No descriptor is open any more. The first failure is reported; some of the
     * others, and the number of the rest, are suppressed exceptions of it.
     */
    private void lost(List<DialException> failures) {
        DialException failure;
        if (stopped || loop.isShuttingDown()) {
            failure = new DialException(phase, 0, stopped ? "stopped" : "the event loop is shut down", null);
            addSuppressed(failure, failures, MAX_CAUSES);
        } else if (failures.isEmpty()) {
            failure = noCandidate();
        } else {
            failure = failures.get(0);
            addSuppressed(failure, failures.subList(1, failures.size()), MAX_CAUSES - 1);
        }
        fail(failure);
    }

    private void addSuppressed(DialException failure, List<DialException> others, int most) {
        others.stream().limit(most).forEach(failure::addSuppressed);
        if (others.size() > most) {
            failure.addSuppressed(new DialException(phase, 0, (others.size() - most) + " more addresses failed", null));
        }
    }

    private DialException noCandidate() {
        if (candidates != null && candidates.isOutOfReach() && someAreRefused) {
            return refused(candidates.known().toString());
        }
        if (candidates != null && candidates.isOutOfReach()) {
            return SystemErrors.familyNotSupported(
                    "none of " + candidates.known() + " can be reached from " + route.bindAddress());
        }
        return SystemErrors.of(
                Phase.RESOLVE, new UnknownHostException(route.firstHop().host()));
    }

    // ---- answering

    private void open(ConnectAttempt attempt) {
        DialedLink link = attempt.link();
        if (answered.compareAndSet(false, true)) {
            try {
                link.install();
            } catch (Throwable refused) {
                attempt.close(() -> events.failed(SystemErrors.of(Phase.SETUP, refused)));
                return;
            }
            link.open();
            watchName(link, attempt.remote());
        } else {
            link.close();
        }
    }

    /**
     * Registers the address that was in the answer of the name lookup. The address that the system reports may differ:
     * 0.0.0.0 is this host.
     */
    private void watchName(DialedLink link, SocketAddress dialed) {
        String host = route.firstHop().host();
        if (!TlsSettings.isAddress(host) && dialed instanceof InetSocketAddress remote) {
            context.addressRefresher().opened(host, remote.getAddress(), link.channel(), events);
        }
    }

    private void enter(Phase next) {
        phase = next;
        events.phaseStarted(next);
    }

    private void fail(DialException failure) {
        if (answered.compareAndSet(false, true)) {
            events.failed(failure);
        }
    }

    private void runOnLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            fail(new DialException(Phase.CONNECT, 0, "the event loop is shut down", e));
        }
    }
}
