package dev.keepalive.netty;

import static dev.keepalive.netty.ProtocolRig.LINES;
import static dev.keepalive.netty.ProtocolRig.lost;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.MessageToByteEncoder;
import io.netty.handler.codec.string.StringDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pipelined requests of several leases on one connection, whose peer the test controls. */
class PipelinedLinkTest extends SharedLinkRig {
    private static final RequestResponse<String, String> PIPELINED = LINES.pipelined(3);

    private SharedLinkEvents<Requests<String, String>> events;
    private ScriptedServer.Peer peer;

    private SharedFakeLease<Requests<String, String>> open(RequestResponse<String, String> protocol) throws Exception {
        events = dial(protocol);
        peer = server.accept();
        return events.lease();
    }

    private void peerReads(String... lines) throws Exception {
        for (String line : lines) {
            assertThat(peer.readLine()).isEqualTo(line);
        }
    }

    @Test
    void eachLeaseGetsItsOwnAnswers() throws Exception {
        var one = open(PIPELINED);
        var two = events.lease();
        assertThat(events.link().isShared()).isTrue();
        assertThat(events.capacities).containsExactly(3);
        CompletableFuture<String> first = one.connection().send("one\n");
        CompletableFuture<String> second = two.connection().send("two\n");
        CompletableFuture<String> third = one.connection().send("three\n");
        peerReads("one", "two", "three");
        peer.send("ONE\nTWO\nTHREE\n");
        assertThat(get(first)).isEqualTo("ONE");
        assertThat(get(second)).isEqualTo("TWO");
        assertThat(get(third)).isEqualTo("THREE");
        one.release();
        two.release();
        assertThat(events.nextFree()).isEqualTo(1);
        assertThat(events.nextFree()).isEqualTo(2);
        assertThat(events.inputs).as("what arrives is the protocol's").hasValue(0);
    }

    @Test
    void aLeaseThatHasNothingOutstandingIsAnsweredWithinItsRelease() throws Exception {
        var lease = open(PIPELINED);
        CompletableFuture<String> answer = lease.connection().send("one\n");
        peerReads("one");
        peer.send("ONE\n");
        get(answer);
        CountDownLatch go = block(loopOf(events));
        lease.release();
        var unopened = events.lease();
        unopened.release();
        assertThat(events.freed).containsExactly(1L, 2L);
        go.countDown();
    }

    @Test
    void aReleaseInTheCallbackOfTheAnswerFindsNothingOutstanding() throws Exception {
        var lease = open(PIPELINED);
        CompletableFuture<Boolean> freeAtOnce = lease.connection().send("one\n").thenApply(answer -> {
            lease.release();
            return events.freed.contains(1L);
        });
        peerReads("one");
        peer.send("ONE\n");
        assertThat(get(freeAtOnce)).isTrue();
    }

    @Test
    void aLeaseThatEndsEarlyKeepsItsPlaceUntilItsAnswersHaveComeAndOthersGoOn() throws Exception {
        var early = open(PIPELINED);
        var other = events.lease();
        CompletableFuture<String> dropped = early.connection().send("one\n");
        CompletableFuture<String> kept = other.connection().send("two\n");
        CompletableFuture<String> alsoDropped = early.connection().send("three\n");
        peerReads("one", "two", "three");
        early.release();

        RequestException lost = lost(dropped);
        assertThat(lost).hasMessageContaining("the lease ended before the answer");
        assertThat(lost.isUnsent()).isFalse();
        lost(alsoDropped);
        peer.send("ONE\nTWO\n");
        assertThat(get(kept)).as("not the answer of the lease that has ended").isEqualTo("TWO");
        other.release();
        assertThat(events.nextFree()).as("the other one").isEqualTo(2);
        assertThat(events.freed).isEmpty();
        peer.send("THREE\n");
        assertThat(events.nextFree()).isEqualTo(1);

        var next = events.lease();
        CompletableFuture<String> own = next.connection().send("four\n");
        peerReads("four");
        peer.send("FOUR\n");
        assertThat(get(own)).isEqualTo("FOUR");
    }

    /** Else an answer that is counted would leak: its holder has gone. */
    @Test
    @Tag("L69")
    void anAnswerRightBehindTheEndOfItsLeaseIsDropped() throws Exception {
        var lease = open(PIPELINED);
        CompletableFuture<Boolean> released = lease.connection().send("one\n").thenApply(answer -> lease.release());
        CompletableFuture<String> dropped = lease.connection().send("two\n");
        peerReads("one", "two");
        peer.send("ONE\nTWO\n"); // both in one read
        assertThat(get(released)).isTrue();
        assertThat(lost(dropped)).hasMessageContaining("the lease ended before the answer");
        assertThat(events.nextFree()).isEqualTo(1);
    }

    @Test
    void aRequestWhoseLeaseEndsBeforeItIsWrittenIsNotSent() throws Exception {
        var early = open(PIPELINED);
        var other = events.lease();
        CountDownLatch go = block(loopOf(events));
        CompletableFuture<String> unsent = early.connection().send("one\n");
        CompletableFuture<String> sent = other.connection().send("two\n");
        early.release();
        assertThat(events.freed).as("its request is still to be dealt with").isEmpty();
        go.countDown();
        assertThat(lost(unsent).isUnsent()).isTrue();
        assertThat(events.nextFree()).isEqualTo(1);
        peerReads("two");
        peer.send("TWO\n");
        assertThat(get(sent)).isEqualTo("TWO");
    }

    @Test
    void aHandleDoesNotWorkAfterItsLease() throws Exception {
        var lease = open(PIPELINED);
        Requests<String, String> stale = lease.connection();
        lease.release();
        assertThatThrownBy(() -> stale.send("late\n"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("lease has ended");
        Requests<String, String> late = lease.connection();
        assertThatThrownBy(() -> late.send("late\n")).isInstanceOf(IllegalStateException.class);
        assertThat(events.freed).containsExactly(1L);
    }

    @Test
    void countedAnswersThatNobodyWaitsForAreReleased() throws Exception {
        SharedLinkEvents<Requests<ByteBuf, ByteBuf>> counted = dial(RequestResponse.<ByteBuf, ByteBuf>of(
                        ByteBuf.class, pipeline -> pipeline.addLast(new FixedLengthFrameDecoder(4)))
                .pipelined(2));
        ScriptedServer.Peer other = server.accept();
        var lease = counted.lease();
        lease.connection().send(Unpooled.copiedBuffer("one\n", StandardCharsets.US_ASCII));
        other.readLine();
        lease.release();
        other.send("ONE\n");
        // A buffer that is not released fails the test.
        assertThat(counted.nextFree()).isEqualTo(1);
    }

    // ---- the end of the connection

    @Test
    void aPeerThatClosesFailsEachOpenRequestOnceAndNewcomersAreKeptOutBefore() throws Exception {
        var one = open(PIPELINED);
        var two = events.lease();
        AtomicInteger failures = new AtomicInteger();
        AtomicInteger capacityThen = new AtomicInteger(-1);
        CompletableFuture<String> first = one.connection().send("one\n");
        CompletableFuture<String> second = two.connection().send("two\n");
        first.whenComplete((answer, failure) -> {
            failures.incrementAndGet();
            capacityThen.set(events.capacities.get(events.capacities.size() - 1));
        });
        second.whenComplete((answer, failure) -> failures.incrementAndGet());
        peerReads("one", "two");
        peer.close();
        assertThat(lost(first).isUnsent()).isFalse();
        assertThat(lost(second).isUnsent()).isFalse();
        assertThat(events.closeCause()).isNull();
        await().untilAsserted(() -> assertThat(failures).hasValue(2));
        assertThat(capacityThen).as("a retry must not find the same connection").hasValue(0);

        CompletableFuture<String> late = one.connection().send("late\n");
        assertThat(lost(late).isUnsent()).isTrue();
    }

    @Test
    void aRequestThatIsSubmittedButNotWrittenWhenTheConnectionEndsIsUnsent() throws Exception {
        var lease = open(PIPELINED);
        CountDownLatch go = block(loopOf(events));
        events.link().close();
        CompletableFuture<String> unsent = lease.connection().send("one\n");
        go.countDown();
        assertThat(lost(unsent).isUnsent()).isTrue();
        assertThat(peer.readAll()).isEmpty();
    }

    @Test
    void anAnswerThatTakesTooLongFailsAllRequests() throws Exception {
        var one = open(PIPELINED.withAnswerTimeout(Duration.ofMillis(50)));
        CompletableFuture<String> first = one.connection().send("one\n");
        CompletableFuture<String> second = events.lease().connection().send("two\n");
        assertThat(lost(first)).hasRootCauseMessage("no answer within the answerTimeout of PT0.05S");
        assertThat(lost(second)).hasRootCauseMessage("no answer within the answerTimeout of PT0.05S");
        assertThat(peer.readAll()).isEqualTo("one\ntwo\n");
    }

    @Test
    void theAnswerTimeoutHoldsForAnswersThatNobodyWaitsForAnyMore() throws Exception {
        var early = open(PIPELINED.withAnswerTimeout(Duration.ofMillis(50)));
        early.connection().send("one\n");
        peerReads("one");
        early.release();
        assertThat(events.closeCause()).hasMessageContaining("answerTimeout");
    }

    // ---- a peer that says too much

    @ParameterizedTest
    @ValueSource(strings = {"STRAY\n", "ST"})
    void inputWithoutARequestClosesTheConnection(String stray) throws Exception {
        open(PIPELINED);
        peer.send(stray);
        assertThat(events.closeCause()).hasMessageContaining("something that nothing had asked for");
        assertThat(peer.readAll()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"STRAY\n", "ST"})
    void inputBehindTheLastAnswerClosesTheConnection(String stray) throws Exception {
        var lease = open(PIPELINED);
        CompletableFuture<String> answer = lease.connection().send("one\n");
        peerReads("one");
        peer.send("ONE\n" + stray);
        assertThat(get(answer)).isEqualTo("ONE");
        assertThat(events.closeCause()).isNotNull();
        assertThat(lost(events.lease().connection().send("two\n")).isUnsent()).isTrue();
    }

    @Test
    void anAnswerInPiecesIsOneAnswer() throws Exception {
        var lease = open(PIPELINED);
        CompletableFuture<String> answer = lease.connection().send("one\n");
        peerReads("one");
        peer.send("O");
        events.link().eventLoop().execute(() -> {});
        peer.send("NE\n");
        assertThat(get(answer)).isEqualTo("ONE");
        CompletableFuture<String> next = events.lease().connection().send("two\n");
        peerReads("two");
        peer.send("TWO\n");
        assertThat(get(next)).isEqualTo("TWO");
    }

    // ---- a request that is wrong

    /** Encodes only words, and dies in the middle of what is too long. */
    private static final class Words extends MessageToByteEncoder<String> {
        @Override
        protected void encode(ChannelHandlerContext context, String word, ByteBuf out) {
            out.writeCharSequence(word, StandardCharsets.US_ASCII);
            if (word.length() > 5) {
                throw new IllegalArgumentException(word + " is too long");
            }
        }
    }

    @Test
    void aRequestThatCannotBeEncodedFailsAlone() throws Exception {
        RequestResponse<Object, String> words = RequestResponse.of(
                String.class, pipeline -> pipeline.addLast(new LineBasedFrameDecoder(100), new StringDecoder())
                        .addLast(new Words()));
        SharedLinkEvents<Requests<Object, String>> ofWords = dial(words.pipelined(3));
        ScriptedServer.Peer wordPeer = server.accept();
        CountDownLatch go = block(loopOf(ofWords));
        CompletableFuture<String> one = ofWords.lease().connection().send("one\n");
        CompletableFuture<String> wrong = ofWords.lease().connection().send("much too long\n");
        CompletableFuture<String> noString = ofWords.lease().connection().send(7);
        CompletableFuture<String> two = ofWords.lease().connection().send("two\n");
        go.countDown();
        assertThat(lost(wrong).isUnsent()).isTrue();
        assertThat(lost(wrong)).hasRootCauseMessage("much too long\n is too long");
        assertThat(lost(noString))
                .hasRootCauseMessage("only bytes can be sent, not a java.lang.Integer: is an encoder" + " missing?");
        assertThat(wordPeer.readLine()).isEqualTo("one");
        assertThat(wordPeer.readLine()).isEqualTo("two");
        wordPeer.send("ONE\nTWO\n");
        assertThat(get(one)).isEqualTo("ONE");
        assertThat(get(two)).isEqualTo("TWO");
    }

    // ---- a peer that speaks first

    @Test
    void withAGreetingThereIsNoRoomBeforeItHasCome() throws Exception {
        events = dial(PIPELINED.withGreeting());
        peer = server.accept();
        var setup = events.setup();
        CompletableFuture<String> greeting = setup.connection().greeting();
        assertThat(events.capacities).containsExactly(0);
        peer.send("220 wel");
        peer.send("come\n");
        assertThat(get(greeting)).isEqualTo("220 welcome");
        await().untilAsserted(() -> assertThat(events.capacities).containsExactly(0, 3));
        setup.release();
        assertThat(events.nextFree()).isZero();
        var lease = events.lease();
        assertThat(get(lease.connection().greeting())).isEqualTo("220 welcome");
        CompletableFuture<String> answer = lease.connection().send("HELO\n");
        peerReads("HELO");
        peer.send("250 OK\n");
        assertThat(get(answer)).isEqualTo("250 OK");
    }

    // ---- options

    @Test
    void aDepthIsAtLeastOneAndIsWhatIsExpected() {
        assertThatThrownBy(() -> LINES.pipelined(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pipelined 0 is not allowed: at least 1 lease");
        assertThat(PIPELINED
                        .withGreeting()
                        .withAnswerTimeout(Duration.ofSeconds(1))
                        .expectedLeases(null))
                .isEqualTo(3);
        assertThat(LINES.expectedLeases(null)).isEqualTo(1);
        assertThat(NettyConnector.builder().build(PIPELINED).expectedLeases(null))
                .isEqualTo(3);
    }
}
