package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.Lease;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What holds for every connection that several leases share, whatever is spoken on it. */
class SharedLinkTest extends SharedLinkRig {
    /** A session that does what the test says. Its handle is the lease. */
    private static class Scripted implements SharedSession<Lease<?>> {
        final ProtocolContext context;
        final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
        final List<Long> ended = new CopyOnWriteArrayList<>();
        final CompletableFuture<Boolean> closed = new CompletableFuture<>();
        volatile boolean freesAtOnce = true;

        Scripted(ProtocolContext context) {
            this.context = context;
        }

        @Override
        public Lease<?> open(Lease<Lease<?>> lease, long number) {
            return lease;
        }

        @Override
        public boolean ended(long number) {
            ended.add(number);
            return freesAtOnce;
        }

        @Override
        public void received(Object message) {
            received.add(message);
        }

        @Override
        public void closed(@Nullable Throwable cause) {
            closed.complete(true);
        }
    }

    private final CompletableFuture<Scripted> session = new CompletableFuture<>();
    private SharedLinkEvents<Lease<?>> events;

    private Scripted dialShared(int capacity, Consumer<ProtocolContext> also) throws Exception {
        events = dial(context -> {
            context.pipeline().addLast(new LineBasedFrameDecoder(100), new StringDecoder(), new StringEncoder());
            context.share(capacity);
            also.accept(context);
            Scripted made = new Scripted(context);
            session.complete(made);
            return made;
        });
        return get(session);
    }

    private Scripted dialShared(int capacity) throws Exception {
        return dialShared(capacity, context -> {});
    }

    private static void runOnLoop(Scripted scripted, Runnable task) throws Exception {
        scripted.context.channel().eventLoop().submit(task).get(20, TimeUnit.SECONDS);
    }

    // ---- how many leases

    @Test
    void theCapacityIsALevelFromBeforeTheDialIsCompleteUntilTheEnd() throws Exception {
        Scripted scripted = dialShared(0, context -> context.capacity(7));
        assertThat(events.link().isShared()).isTrue();
        scripted.context.capacity(1);
        runOnLoop(scripted, () -> scripted.context.capacity(0));
        assertThat(events.capacities).containsExactly(0, 7, 1, 0);
        events.link().close();
        events.closeCause();
        scripted.context.capacity(9);
        assertThat(events.capacities).as("not after the end").doesNotContain(9);
    }

    @Test
    void aNegativeCapacityIsRefusedWithItsValue() throws Exception {
        Scripted scripted = dialShared(1);
        events.link();
        assertThatThrownBy(() -> scripted.context.capacity(-2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("capacity -2 is not allowed: 0 or more");
    }

    @Test
    void onlyWithinInstallAConnectionBecomesShared() throws Exception {
        CompletableFuture<ProtocolContext> late = new CompletableFuture<>();
        SharedLinkEvents<Requests<String, String>> exclusive = dial(context -> {
            late.complete(context);
            return ProtocolRig.LINES.install(context);
        });
        assertThat(exclusive.link().isShared()).isFalse();
        assertThatThrownBy(() -> get(late).share(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("within install");
        assertThatThrownBy(() -> get(late).capacity(1))
                .hasMessageContaining("capacity is for a shared connection only");
        assertThatThrownBy(() -> get(late).freePlace(1)).hasMessageContaining("freePlace is for a shared connection");
    }

    @Test
    void aSharedConnectionNeedsASharedSession() throws Exception {
        SharedLinkEvents<Requests<String, String>> wrong = dial(context -> {
            context.share(1);
            return ProtocolRig.LINES.install(context);
        });
        assertThat(wrong.failure()).hasStackTraceContaining("only a SharedSession");
        SharedLinkEvents<Lease<?>> notShared = dial(Scripted::new);
        assertThat(notShared.failure()).hasStackTraceContaining("not allowed without ProtocolContext.share");
    }

    // ---- retire

    @Test
    void aRetireWithinInstallFailsTheDial() throws Exception {
        dialShared(5, ProtocolContext::retire);
        assertThat(events.failure()).hasStackTraceContaining("retired before the dial was complete");
        assertThat(server.accept().readAll()).isEmpty();
        assertThat(get(get(session).closed)).isTrue();
    }

    @Test
    void aRetireBeforeThereWasRoomFailsTheDial() throws Exception {
        Scripted scripted = dialShared(0);
        events.link();
        scripted.context.retire();
        assertThat(events.closeCause()).hasMessage("the connection was retired before the dial was complete");
        assertThat(events.retires).hasValue(0);
    }

    @Test
    void aRetireDuringTheSetupFailsTheDial() throws Exception {
        Scripted scripted = dialShared(5);
        events.setup().connection();
        scripted.context.retire();
        assertThat(events.closeCause()).hasMessageContaining("retired before");
    }

    @Test
    void aRetireAfterTheDialLetsThePresentLeasesGoOn() throws Exception {
        Scripted scripted = dialShared(5);
        SharedFakeLease<Lease<?>> setup = events.setup();
        setup.connection();
        setup.release();
        SharedFakeLease<Lease<?>> lease = events.lease();
        scripted.context.retire();
        assertThat(events.retires).hasValue(1);
        assertThat(scripted.context.execute(lease, () -> {}, () -> {})).isTrue();
        assertThat(events.closed).isNotDone();
    }

    // ---- input

    @Test
    void whatArrivesGoesToTheSessionAtAnyTime() throws Exception {
        Scripted scripted = dialShared(1);
        ScriptedServer.Peer peer = server.accept();
        peer.send("before any lease\n");
        assertThat(scripted.received.poll(20, TimeUnit.SECONDS)).isEqualTo("before any lease");
        events.lease().release();
        peer.send("between two leases\n");
        assertThat(scripted.received.poll(20, TimeUnit.SECONDS)).isEqualTo("between two leases");
        assertThat(events.inputs).hasValue(0);
        assertThat(events.closed).isNotDone();
    }

    @Test
    void inputThatCameDuringTheDialIsNotLost() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        events = dial(context -> {
            sent.await(20, TimeUnit.SECONDS);
            context.pipeline().addLast(new LineBasedFrameDecoder(100), new StringDecoder());
            context.share(1);
            Scripted made = new Scripted(context);
            session.complete(made);
            return made;
        });
        server.accept().send("SETTINGS\n");
        sent.countDown();
        assertThat(get(session).received.poll(20, TimeUnit.SECONDS)).isEqualTo("SETTINGS");
    }

    @Test
    void theEndOfThePeersStreamClosesTheConnection() throws Exception {
        Scripted scripted = dialShared(5);
        server.accept().finish();
        assertThat(events.closeCause()).isNull();
        assertThat(events.capacities).containsExactly(5, 0);
        assertThat(get(scripted.closed)).isTrue();
    }

    @Test
    void aConnectionThatMayBeHalfClosedGetsNoFurtherLeasesAfterTheEnd() throws Exception {
        CountDownLatch heard = new CountDownLatch(1);
        Scripted scripted = dialShared(5, context -> {
            context.allowHalfClosure();
            context.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void userEventTriggered(ChannelHandlerContext handler, Object event) {
                    if (event instanceof ChannelInputShutdownEvent) {
                        heard.countDown();
                    }
                }
            });
        });
        SharedFakeLease<Lease<?>> lease = events.lease();
        ScriptedServer.Peer peer = server.accept();
        peer.finish();
        assertThat(heard.await(20, TimeUnit.SECONDS)).isTrue();
        await().untilAsserted(() -> assertThat(events.retires).hasValue(1));
        scripted.context.execute(lease, () -> scripted.context.channel().writeAndFlush("still\n"), () -> {});
        assertThat(peer.readLine()).isEqualTo("still");
    }

    // ---- tasks and ends of leases

    @Test
    void aTaskOfALeaseThatHasEndedNeverRunsAndItsReleaseWaitsForIt() throws Exception {
        Scripted scripted = dialShared(5);
        SharedFakeLease<Lease<?>> one = events.lease();
        SharedFakeLease<Lease<?>> two = events.lease();
        List<String> ran = new CopyOnWriteArrayList<>();
        CountDownLatch go = block(loopOf(events));
        scripted.context.execute(one, () -> ran.add("one"), () -> ran.add("one has ended"));
        scripted.context.execute(two, () -> ran.add("two"), () -> ran.add("two has ended"));
        one.release();
        assertThat(scripted.ended).containsExactly(1L);
        assertThat(events.freed).as("its task is still with the loop").isEmpty();
        go.countDown();
        assertThat(events.nextFree()).isEqualTo(1);
        assertThat(ran).containsExactly("one has ended", "two");
        assertThat(scripted.context.execute(one, () -> ran.add("late"), () -> {}))
                .isFalse();
    }

    /** The task has looked at the lease, and then the lease ends on another thread. */
    @Test
    void aReleaseWaitsForATaskThatRuns() throws Exception {
        Scripted scripted = dialShared(5);
        SharedFakeLease<Lease<?>> lease = events.lease();
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Runnable slow = () -> {
            running.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        loopOf(events).execute(() -> scripted.context.execute(lease, slow, () -> {}));
        running.await();
        lease.release();
        assertThat(events.freed).isEmpty();
        go.countDown();
        assertThat(events.nextFree()).isEqualTo(1);
    }

    @Test
    void theSessionMayFreeThePlaceLater() throws Exception {
        Scripted scripted = dialShared(5);
        events.link();
        scripted.freesAtOnce = false;
        events.lease().release();
        events.lease().release();
        assertThat(scripted.ended).containsExactly(1L, 2L);
        assertThat(events.freed).isEmpty();
        scripted.context.freePlace(2);
        assertThat(events.freed).containsExactly(2L);
    }

    @Test
    void aTaskThatThrowsClosesTheConnectionAndFreesWhatItHeld() throws Exception {
        Scripted scripted = dialShared(5);
        SharedFakeLease<Lease<?>> lease = events.lease();
        scripted.context.execute(
                lease,
                () -> {
                    throw new IllegalStateException("a bug");
                },
                () -> {});
        assertThat(events.closeCause()).hasMessage("a bug");
        lease.release();
        assertThat(events.nextFree()).isEqualTo(1);
    }

    @Test
    void aSessionThatThrowsAtTheEndOfALeaseLosesItsConnectionAndAnswersAllTheSame() throws Exception {
        events = dial(context -> {
            context.share(1);
            return new Scripted(context) {
                @Override
                public boolean ended(long number) {
                    throw new IllegalStateException("a bug");
                }
            };
        });
        events.lease().release();
        assertThat(events.nextFree()).isEqualTo(1);
        assertThat(events.notReusable).containsExactly(1L);
        assertThat(events.closeCause()).hasMessage("a bug");
    }
}
