package dev.keepalive.netty.testkit;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.Phase;
import dev.keepalive.netty.Protocol;
import dev.keepalive.netty.ProtocolChannels;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.LinkEvents;
import dev.keepalive.testkit.FakeTime;
import dev.keepalive.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A connector for tests of a client that speaks a {@link Protocol}. Its connections have no sockets: each leads to a
 * {@link ScriptedPeer}, over Netty's {@link EmbeddedChannel}. All else is what runs in production: the manager, the
 * protocol and its handlers, and the proof that a connection is quiet between two leases.
 *
 * <p>Everything runs on the thread of the test, and the clock moves when the test says so: by {@link FakeTime#advance}
 * of {@link #time}, for the manager, answer timeouts and all that handlers schedule. When a call of the test returns,
 * all that it causes has happened. A call that blocks must find what it waits for in a script, since nobody else can
 * act meanwhile; for a peer that is silent, use futures. A callback must not block for another connection.
 *
 * <p>It serves every endpoint, without name lookup, proxies and TLS. Not safe for use by several threads.
 *
 * @param <C> what a lease gives its holder
 */
public final class EmbeddedConnector<C> implements Connector<C> {
    private final Protocol<C> protocol;
    private final ProtocolChannels<C> channels;
    private final FakeTime time = new FakeTime();
    private final EmbeddedLoop loop = new EmbeddedLoop(time);
    private final List<ScriptedPeer> peers = new ArrayList<>();
    private final Queue<ScriptedPeer> prepared = new ArrayDeque<>();
    private Consumer<? super ChannelPipeline> encoders = pipeline -> {};
    private boolean claimed;

    private EmbeddedConnector(Protocol<C> protocol) {
        this.protocol = protocol;
        channels = ProtocolChannels.of(protocol, true);
    }

    /** A connector whose connections speak this protocol. */
    public static <C> EmbeddedConnector<C> of(Protocol<C> protocol) {
        return new EmbeddedConnector<>(protocol);
    }

    /**
     * How peers make bytes of the messages that they are to expect and to send.
     *
     * @param encoders adds encoders, new ones for each message
     */
    public EmbeddedConnector<C> encoders(Consumer<? super ChannelPipeline> encoders) {
        this.encoders = Objects.requireNonNull(encoders, "encoders");
        return this;
    }

    /**
     * A builder for the manager of this connector, with its clock, and with callbacks on the thread of the test. All
     * other options are as in production.
     */
    public ManagerBuilder<C> managerBuilder() {
        return ConnectionManager.builder(this).time(time).callbackExecutor(loop.callbackExecutor());
    }

    /** The clock of the manager and of the connections. */
    public FakeTime time() {
        return time;
    }

    /**
     * The peer of the next connection that has none yet, to be scripted before it is dialed. Called twice, it prepares
     * the next two connections. A connection that was not prepared leads to a peer that only listens.
     */
    public ScriptedPeer nextPeer() {
        ScriptedPeer peer = newPeer();
        prepared.add(peer);
        return peer;
    }

    /** All peers that were prepared or dialed, oldest first. */
    public List<ScriptedPeer> peers() {
        return List.copyOf(peers);
    }

    /** How many connections are open now. */
    public int open() {
        return (int) peers.stream().filter(ScriptedPeer::isOpen).count();
    }

    /**
     * Checks that each peer was dialed, has done all that its script says, and has received nothing else.
     *
     * @throws AssertionError with what is wrong, of all peers
     */
    public void check() {
        String complaints = peers.stream()
                .map(ScriptedPeer::complaint)
                .filter(Objects::nonNull)
                .collect(Collectors.joining("\n"));
        if (!complaints.isEmpty()) {
            throw new AssertionError(complaints);
        }
    }

    /**
     * A check that nothing is left leased and no place is lost ({@link LeakCheck#check}), with the present limits of
     * the manager, and as many leases on each connection as the protocol expects. It opens further connections, so it
     * comes last.
     */
    public LeakCheck<C> leakCheck(ConnectionManager<C> manager) {
        Limits limits = manager.snapshot().limits();
        return LeakCheck.of(manager)
                .limits(limits.maxOpen(), limits.maxOpenPerEndpoint())
                .leasesPerConnection(protocol::expectedLeases)
                .countedBy("the peers' side", this::open)
                .stepWith(() -> {});
    }

    // ---- for the manager

    @Override
    public void claim() {
        if (claimed) {
            throw new IllegalStateException("the connector belongs to a manager already: make one for each");
        }
        claimed = true;
    }

    @Override
    public void requireSupported(Endpoint endpoint) {}

    @Override
    public int expectedLeases(Endpoint endpoint) {
        return protocol.expectedLeases(endpoint);
    }

    @Override
    public Dial connect(DialRequest request, LinkEvents<C> events) {
        EmbeddedDial dial = new EmbeddedDial(request.endpoint(), events);
        loop.execute(() -> {
            ScriptedPeer peer = prepared.poll();
            events.phaseStarted(Phase.CONNECT);
            (peer == null ? newPeer() : peer).dialed(dial);
        });
        return dial;
    }

    @Override
    public CompletionStage<?> close() {
        return CompletableFuture.completedStage(null);
    }

    // ---- for the peers

    private ScriptedPeer newPeer() {
        ScriptedPeer peer = new ScriptedPeer(this, peers.size() + 1);
        peers.add(peer);
        return peer;
    }

    void runOnLoop(Runnable task) {
        loop.execute(task);
    }

    byte[] encoded(Object message) {
        EmbeddedChannel encoder = new EmbeddedChannel();
        encoders.accept(encoder.pipeline());
        encoder.writeOutbound(message);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Object next = encoder.readOutbound(); next != null; next = encoder.readOutbound()) {
            if (!(next instanceof ByteBuf buffer)) {
                throw new IllegalArgumentException("no encoder makes bytes of "
                        + next.getClass().getName() + ": say which by EmbeddedConnector.encoders");
            }
            bytes.writeBytes(ByteBufUtil.getBytes(buffer));
            buffer.release();
        }
        encoder.finishAndReleaseAll();
        return bytes.toByteArray();
    }

    /** One dial. */
    private final class EmbeddedDial implements Dial, ScriptedPeer.PeerDial {
        private final Endpoint endpoint;
        private final LinkEvents<C> events;
        private @Nullable PeerChannel channel;

        EmbeddedDial(Endpoint endpoint, LinkEvents<C> events) {
            this.endpoint = endpoint;
            this.events = events;
        }

        @Override
        public Endpoint endpoint() {
            return endpoint;
        }

        @Override
        public PeerChannel connect(ScriptedPeer peer) {
            PeerChannel connected = new PeerChannel(loop, peer);
            channel = connected;
            try {
                connected.register();
            } catch (Exception impossible) {
                throw new IllegalStateException(impossible);
            }
            channels.open(connected, endpoint, events);
            return connected;
        }

        @Override
        public void fail(DialException failure) {
            events.failed(failure);
        }

        @Override
        public void stop() {
            loop.execute(() -> {
                if (channel == null) {
                    events.failed(new DialException(Phase.CONNECT, 0, "stopped", null));
                }
            });
        }
    }
}
