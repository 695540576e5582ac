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
import org.junit.jupiter.params.provider.ValueSource;

/** A handle is one lease's: it works as long, no longer, and keeps it reachable while the connection is used. */
class HandleTest {
    private ScriptedServer server;
    private Rig rig;
    private RecordingEvents events;
    private NettyLink link;
    private ScriptedServer.Peer peer;
    private final RecordingListener<String> listener = new RecordingListener<>();

    @BeforeEach
    void start() throws Exception {
        server = ScriptedServer.start();
        rig = Rig.plain();
        events = rig.dial(server);
        link = events.link();
        peer = server.accept();
    }

    @AfterEach
    void stop() throws Exception {
        Closing.all(rig, server);
    }

    @Test
    void onceItsLeaseIsReleasedAHandleRefusesToWork() throws Exception {
        FakeLease lease = new FakeLease(link, events);
        NettyConnection old = lease.connection();
        FrameStream<String> frames = old.start(listener);
        lease.release();
        events.quiet();

        assertRefused(old, frames);
    }

    @Test
    void onceItsLeaseIsInvalidatedAHandleRefusesToWork() {
        FakeLease lease = new FakeLease(link, events);
        NettyConnection old = lease.connection();
        FrameStream<String> frames = old.start(listener);
        lease.invalidate();

        assertRefused(old, frames);
    }

    @Test
    void whatAnOldHolderSendsNeverReachesTheNextHoldersStream() throws Exception {
        FakeLease first = new FakeLease(link, events);
        FrameStream<String> old = first.connection().start(listener);
        first.release();
        events.quiet();
        FakeLease second = new FakeLease(link, events);
        FrameStream<String> present = second.connection().start(listener);

        assertThatIllegalStateException().isThrownBy(() -> old.send("poison"));
        present.send("clean");
        present.shutdownOutput();

        assertThat(peer.readAll()).isEqualTo("clean\r\n");
    }

    @Test
    void aSendThatRacesWithTheReleaseAndComesLateFailsAndWritesNothing() throws Exception {
        LeaseReleasedWhenAsked lease = new LeaseReleasedWhenAsked();
        FrameStream<String> frames = lease.connection().start(listener);
        Rig.settle(link);
        lease.releaseAtNextQuestion = true;

        // The send finds the lease unended, and the release is on its way to the event loop before the frame is.
        CompletableFuture<Void> late = frames.send("poison").toCompletableFuture();

        assertThatThrownBy(() -> late.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
        assertThat(events.quiet()).isTrue();
        FakeLease second = new FakeLease(link, events);
        second.connection().start(listener).send("clean");
        assertThat(peer.readLine()).isEqualTo("clean\r");
    }

    @Test
    void aStartThatRacesWithTheReleaseAndComesLateIsRefused() throws Exception {
        LeaseReleasedWhenAsked lease = new LeaseReleasedWhenAsked();
        NettyConnection connection = lease.connection();
        var before = link.channel().pipeline().names();
        lease.releaseAtNextQuestion = true;

        assertThatIllegalStateException().isThrownBy(() -> connection.start(listener));
        assertThat(events.quiet()).isTrue();
        Rig.settle(link);
        assertThat(link.channel().pipeline().names()).isEqualTo(before);
        assertThat(listener.started).isNotDone();
        peer.finish();
        events.closeCause();
    }

    @Test
    void anAttachThatRacesWithTheReleaseAndComesLateIsRefused() throws Exception {
        LeaseReleasedWhenAsked lease = new LeaseReleasedWhenAsked();
        NettyConnection connection = lease.connection();
        lease.releaseAtNextQuestion = true;

        assertThatIllegalStateException().isThrownBy(() -> connection.attach(new ChannelInboundHandlerAdapter()));
    }

    @Test
    void anAttachThatIsBehindTheReleaseOnTheEventLoopFails() throws Exception {
        LeaseReleasedWhenAsked lease = new LeaseReleasedWhenAsked();
        NettyConnection connection = lease.connection();
        connection.attach(new ChannelInboundHandlerAdapter()).sync();
        lease.releaseAtNextQuestion = true;
        CountDownLatch go = Rig.holdUp(link);

        assertThatIllegalStateException().isThrownBy(() -> connection.attach(new ChannelInboundHandlerAdapter()));
        go.countDown();

        assertThat(events.quiet()).isTrue();
    }

    @Test
    void theChannelIsNotGivenToOneWhoseLeaseEndsMeanwhile() {
        LeaseReleasedWhenAsked lease = new LeaseReleasedWhenAsked();
        NettyConnection connection = lease.connection();
        lease.releaseAtNextQuestion = true;

        assertThatIllegalStateException().isThrownBy(connection::channel);
    }

    @Test
    void aLeaseThatIsForgottenBeforeItsConnectionIsUsedBecomesGarbage() {
        WeakReference<FakeLease> lease = forget(new FakeLease(link, events), 0);

        awaitGarbage(lease);
    }

    @Test
    void aLeaseThatIsForgottenAfterItsHandleWasMadeBecomesGarbage() {
        WeakReference<FakeLease> lease = forget(new FakeLease(link, events), 1);

        awaitGarbage(lease);
    }

    @Test
    void aLeaseWhoseConnectionIsStartedStaysReachable() throws Exception {
        WeakReference<FakeLease> lease = forget(new FakeLease(link, events), 2);
        Rig.settle(link);

        collectGarbage();

        assertThat(lease.get()).isNotNull();
        peer.send("still there\r\n");
        assertThat(listener.next()).isEqualTo("still there");
    }

    @Test
    void aLeaseWhoseConnectionIsAttachedToStaysReachable() throws Exception {
        WeakReference<FakeLease> lease = forget(new FakeLease(link, events), 3);
        Rig.settle(link);

        collectGarbage();

        assertThat(lease.get()).isNotNull();
    }

    @Test
    void aLeaseWhoseChannelWasAskedForStaysReachable() throws Exception {
        WeakReference<FakeLease> lease = forget(new FakeLease(link, events), 4);
        Rig.settle(link);

        collectGarbage();

        assertThat(lease.get()).isNotNull();
    }

    @Test
    void aLeaseThatIsStartedWhileTheLoopIsBusyStaysReachable() throws Exception {
        CountDownLatch go = Rig.holdUp(link);
        WeakReference<FakeLease> lease = forget(new FakeLease(link, events), 4);

        collectGarbage();

        assertThat(lease.get()).isNotNull();
        go.countDown();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void aLeaseThatWasReleasedBecomesGarbageHoweverItWasUsed(int use) throws Exception {
        WeakReference<FakeLease> lease = forget(new FakeLease(link, events), use);
        lease.get().release();
        events.quiet();

        awaitGarbage(lease);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void aLeaseWhoseConnectionIsGoneBecomesGarbageHoweverItWasUsed(int use) throws Exception {
        WeakReference<FakeLease> lease = forget(new FakeLease(link, events), use);
        Rig.settle(link);
        peer.reset();
        events.closeCause();

        awaitGarbage(lease);
    }

    private WeakReference<FakeLease> forget(FakeLease lease, int use) {
        switch (use) {
            case 1 -> lease.connection();
            case 2 -> lease.connection().start(forgetful());
            case 3 -> lease.connection().attach(new ChannelInboundHandlerAdapter());
            case 4 -> lease.connection().channel();
            default -> {}
        }
        return new WeakReference<>(lease);
    }

    /** Does not keep what it is started with. */
    private FrameListener<String> forgetful() {
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

    /** Collects until something that is certainly garbage is gone. */
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

    /** A lease that somebody else releases just after this one has been found to be unended. */
    private final class LeaseReleasedWhenAsked extends FakeLease {
        volatile boolean releaseAtNextQuestion;

        LeaseReleasedWhenAsked() {
            super(link, events);
        }

        @Override
        public synchronized boolean isEnded() {
            boolean ended = super.isEnded();
            if (releaseAtNextQuestion) {
                releaseAtNextQuestion = false;
                release();
            }
            return ended;
        }
    }
}
