package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A handle belongs to one lease. It works until the lease ends, and keeps the lease reachable while the connection is
 * used.
 */
class HandleTest {
    /** What a holder does with its lease. */
    private enum Use {
        NONE,
        HANDLE,
        START,
        ATTACH,
        CHANNEL
    }

    private ScriptedServer server;
    private ConnectorRig rig;
    private RecordingEvents events;
    private NettyLink link;
    private ScriptedServer.Peer peer;
    private final RecordingListener<String> listener = new RecordingListener<>();

    @BeforeEach
    void start() throws Exception {
        server = ScriptedServer.start();
        rig = ConnectorRig.withDefaults();
        events = rig.dial(server);
        link = events.link();
        peer = server.accept();
    }

    @AfterEach
    void stop() throws Exception {
        Closeables.closeAll(rig, server);
    }

    @Test
    void aHandleRefusesEachCallAfterItsLeaseIsReleased() throws Exception {
        FakeLease lease = new FakeLease(link, events);
        NettyConnection old = lease.connection();
        FrameStream<String> frames = old.start(listener);
        lease.release();
        events.reusable();

        assertRefused(old, frames);
    }

    @Test
    void aHandleRefusesEachCallAfterItsLeaseIsInvalidated() {
        FakeLease lease = new FakeLease(link, events);
        NettyConnection old = lease.connection();
        FrameStream<String> frames = old.start(listener);
        lease.invalidate();

        assertRefused(old, frames);
    }

    @Test
    void aFormerHolderCannotSendIntoTheNextHoldersStream() throws Exception {
        FakeLease first = new FakeLease(link, events);
        FrameStream<String> old = first.connection().start(listener);
        first.release();
        events.reusable();
        FakeLease second = new FakeLease(link, events);
        FrameStream<String> present = second.connection().start(listener);

        assertThatIllegalStateException().isThrownBy(() -> old.send("poison"));
        present.send("clean");
        present.shutdownOutput();

        assertThat(peer.readAll()).isEqualTo("clean\r\n");
    }

    @Test
    void aSendThatLosesTheRaceWithTheReleaseFailsAndWritesNothing() throws Exception {
        LeaseReleasedOnCheck lease = new LeaseReleasedOnCheck();
        FrameStream<String> frames = lease.connection().start(listener);
        ConnectorRig.awaitEventLoop(link);
        lease.releaseAtNextCheck = true;

        // The send finds that the lease has not ended, but the release reaches the event loop before the frame.
        CompletableFuture<Void> late = frames.send("poison").toCompletableFuture();

        assertThatThrownBy(() -> late.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
        assertThat(events.reusable()).isTrue();
        FakeLease second = new FakeLease(link, events);
        second.connection().start(listener).send("clean");
        assertThat(peer.readLine()).isEqualTo("clean\r");
    }

    @Test
    void aStartThatLosesTheRaceWithTheReleaseIsRefused() throws Exception {
        LeaseReleasedOnCheck lease = new LeaseReleasedOnCheck();
        NettyConnection connection = lease.connection();
        var before = link.channel().pipeline().names();
        lease.releaseAtNextCheck = true;

        assertThatIllegalStateException().isThrownBy(() -> connection.start(listener));
        assertThat(events.reusable()).isTrue();
        ConnectorRig.awaitEventLoop(link);
        assertThat(link.channel().pipeline().names()).isEqualTo(before);
        assertThat(listener.started).isNotDone();
        peer.finish();
        events.closeCause();
    }

    @Test
    void anAttachThatLosesTheRaceWithTheReleaseIsRefused() throws Exception {
        LeaseReleasedOnCheck lease = new LeaseReleasedOnCheck();
        NettyConnection connection = lease.connection();
        lease.releaseAtNextCheck = true;

        assertThatIllegalStateException().isThrownBy(() -> connection.attach(new ChannelInboundHandlerAdapter()));
    }

    @Test
    void anAttachThatIsBehindTheReleaseOnTheEventLoopFails() throws Exception {
        LeaseReleasedOnCheck lease = new LeaseReleasedOnCheck();
        NettyConnection connection = lease.connection();
        connection.attach(new ChannelInboundHandlerAdapter()).sync();
        lease.releaseAtNextCheck = true;
        CountDownLatch go = ConnectorRig.blockEventLoop(link);

        assertThatIllegalStateException().isThrownBy(() -> connection.attach(new ChannelInboundHandlerAdapter()));
        go.countDown();

        assertThat(events.reusable()).isTrue();
    }

    @Test
    void theChannelIsRefusedIfTheLeaseEndsMeanwhile() {
        LeaseReleasedOnCheck lease = new LeaseReleasedOnCheck();
        NettyConnection connection = lease.connection();
        lease.releaseAtNextCheck = true;

        assertThatIllegalStateException().isThrownBy(connection::channel);
    }

    @Test
    void aLeaseDroppedBeforeItsConnectionIsUsedBecomesGarbage() {
        WeakReference<FakeLease> lease = drop(new FakeLease(link, events), Use.NONE);

        awaitGarbage(lease);
    }

    @Test
    void aLeaseDroppedAfterItsHandleWasMadeBecomesGarbage() {
        WeakReference<FakeLease> lease = drop(new FakeLease(link, events), Use.HANDLE);

        awaitGarbage(lease);
    }

    @Test
    void aLeaseWhoseConnectionIsStartedStaysReachable() throws Exception {
        WeakReference<FakeLease> lease = drop(new FakeLease(link, events), Use.START);
        ConnectorRig.awaitEventLoop(link);

        collectGarbage();

        assertThat(lease.get()).isNotNull();
        peer.send("still there\r\n");
        assertThat(listener.next()).isEqualTo("still there");
    }

    @Test
    void aLeaseWithAnAttachedHandlerStaysReachable() throws Exception {
        WeakReference<FakeLease> lease = drop(new FakeLease(link, events), Use.ATTACH);
        ConnectorRig.awaitEventLoop(link);

        collectGarbage();

        assertThat(lease.get()).isNotNull();
    }

    @Test
    void aLeaseWhoseChannelWasRequestedStaysReachable() throws Exception {
        WeakReference<FakeLease> lease = drop(new FakeLease(link, events), Use.CHANNEL);
        ConnectorRig.awaitEventLoop(link);

        collectGarbage();

        assertThat(lease.get()).isNotNull();
    }

    @Test
    void aLeaseThatIsUsedWhileTheEventLoopIsBlockedStaysReachable() throws Exception {
        CountDownLatch go = ConnectorRig.blockEventLoop(link);
        WeakReference<FakeLease> lease = drop(new FakeLease(link, events), Use.CHANNEL);

        collectGarbage();

        assertThat(lease.get()).isNotNull();
        go.countDown();
    }

    @ParameterizedTest
    @EnumSource(
            value = Use.class,
            names = {"START", "ATTACH", "CHANNEL"})
    void aReleasedLeaseBecomesGarbageAfterAnyUse(Use use) throws Exception {
        WeakReference<FakeLease> lease = drop(new FakeLease(link, events), use);
        lease.get().release();
        events.reusable();

        awaitGarbage(lease);
    }

    @ParameterizedTest
    @EnumSource(
            value = Use.class,
            names = {"START", "ATTACH", "CHANNEL"})
    void aLeaseWhoseConnectionIsClosedBecomesGarbageAfterAnyUse(Use use) throws Exception {
        WeakReference<FakeLease> lease = drop(new FakeLease(link, events), use);
        ConnectorRig.awaitEventLoop(link);
        peer.reset();
        events.closeCause();

        awaitGarbage(lease);
    }

    private WeakReference<FakeLease> drop(FakeLease lease, Use use) {
        switch (use) {
            case NONE -> {}
            case HANDLE -> lease.connection();
            case START -> lease.connection().start(statelessListener());
            case ATTACH -> lease.connection().attach(new ChannelInboundHandlerAdapter());
            case CHANNEL -> lease.connection().channel();
        }
        return new WeakReference<>(lease);
    }

    /** A listener that keeps no reference to its stream. */
    private FrameListener<String> statelessListener() {
        return new FrameListener<>() {
            @Override
            public void input(String frame) {
                listener.input(frame);
            }

            @Override
            public void ended(Throwable error) {}
        };
    }

    private static void awaitGarbage(WeakReference<FakeLease> lease) {
        await().until(() -> {
            System.gc();
            return lease.get() == null;
        });
    }

    /** Collects garbage until an object that is certainly garbage is gone. */
    private static void collectGarbage() {
        for (int i = 0; i < 3; i++) {
            WeakReference<Object> canary = new WeakReference<>(new Object());
            await().until(() -> {
                System.gc();
                return canary.get() == null;
            });
        }
    }

    private static void assertRefused(NettyConnection old, FrameStream<String> frames) {
        assertThatIllegalStateException().isThrownBy(() -> old.start(new RecordingListener<>()));
        assertThatIllegalStateException().isThrownBy(() -> old.attach(new ChannelInboundHandlerAdapter()));
        assertThatIllegalStateException().isThrownBy(old::channel);
        assertThatIllegalStateException().isThrownBy(() -> frames.send("late"));
        assertThatIllegalStateException().isThrownBy(frames::pauseInput);
        assertThatIllegalStateException().isThrownBy(frames::resumeInput);
        assertThatIllegalStateException().isThrownBy(frames::shutdownInput);
        assertThatIllegalStateException().isThrownBy(frames::shutdownOutput);
    }

    /** A lease that is released right after a check has found that it has not ended. */
    private final class LeaseReleasedOnCheck extends FakeLease {
        volatile boolean releaseAtNextCheck;

        LeaseReleasedOnCheck() {
            super(link, events);
        }

        @Override
        public synchronized boolean isEnded() {
            boolean ended = super.isEnded();
            if (releaseAtNextCheck) {
                releaseAtNextCheck = false;
                release();
            }
            return ended;
        }
    }
}
