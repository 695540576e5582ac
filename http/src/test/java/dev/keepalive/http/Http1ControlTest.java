package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Lease;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the client discards, cancels and slows down a response; and which requests may be sent again. */
class Http1ControlTest extends Http1Rig {
    private static String begun(int length, String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + body;
    }

    private TestExchange asked() {
        server.nextPeer().expect(request("GET", "/"));
        return get("/");
    }

    // ---- discard

    @Test
    void aShortRestIsReadAndDroppedAndTheConnectionIsKept() {
        TestExchange recorder = asked();
        peer().send(begun(9, "abc"));
        recorder.control().discard();
        peer().send("def", "ghi");

        assertThat(recorder.events()).containsExactly("response 200", "data abc");
        peer().expect(request("GET", "/")).send(OK);
        assertThat(get("/").events()).last().isEqualTo("completed");
    }

    @Test
    void aLongRestIsNotRead() {
        TestExchange recorder = asked();
        peer().send(begun(65_540, "abc"));
        recorder.control().discard();

        assertThat(recorder.events()).containsExactly("response 200", "data abc");
        assertThat(isKept()).isFalse();
    }

    @Test
    void theLongestRestIsRead() {
        TestExchange recorder = asked();
        peer().send(begun(65_539, "abc"));
        recorder.control().discard();
        peer().send("x".repeat(65_536));

        assertThat(isKept()).isTrue();
    }

    @Test
    void aRestOfUnknownLengthIsReadUpToTheLimit() {
        TestExchange recorder = asked();
        peer().send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        recorder.control().discard();
        peer().send("10000\r\n" + "x".repeat(65_536) + "\r\n");
        assertThat(isKept()).isTrue();
        peer().send("1\r\nx");
        assertThat(isKept()).isFalse();
    }

    @Test
    void aRestThatDoesNotComeIsNotAwaitedForLong() {
        TestExchange recorder = asked();
        peer().send(begun(9, "abc"));
        recorder.control().discard();
        server.time().advance(Duration.ofMillis(999));
        assertThat(isKept()).isTrue();
        server.time().advance(Duration.ofMillis(1));
        assertThat(isKept()).isFalse();
        assertThat(recorder.events()).hasSize(2);
    }

    @Test
    void aRestThatEndsWithTheConnectionIsNotRead() {
        TestExchange recorder = asked();
        peer().send("HTTP/1.1 200 OK\r\n\r\nabc");
        recorder.control().discard();
        assertThat(isKept()).isFalse();
    }

    @Test
    void nothingIsReadForARequestThatIsNotSentWhole() {
        server.nextPeer().expect(request("POST", "/", "content-length: 1")).send(begun(3, ""));
        TestBody body = TestBody.of("a").later();
        send(head("POST", "/"), body).control().discard();
        assertThat(isKept()).isFalse();
        assertThat(body.calls).containsExactly("start", "cancel");
    }

    @Test
    void aPausedResponseIsReadToBeDropped() {
        use(window(10));
        TestExchange recorder = slow();
        peer().send(begun(9, "abc"), "def", "ghi");
        assertThat(recorder.events()).last().isEqualTo("data abc");
        recorder.control().discard();
        assertThat(recorder.events()).last().isEqualTo("data abc");
        assertThat(isKept()).isTrue();
        peer().expect(request("GET", "/")).send(OK);
        assertThat(get("/").events()).last().isEqualTo("completed");
    }

    /** Within an event, as a subscriber that cancels at once does. */
    @Test
    void discardWithinAnEventEndsTheEvents() {
        server.nextPeer().expect(request("GET", "/"));
        TestExchange recorder = new TestExchange() {
            @Override
            public void response(int status, HeaderFields itsFields) {
                super.response(status, itsFields);
                control().discard();
            }
        };
        begin(head("GET", "/"), TestBody.NONE, recorder);
        peer().send(OK);
        assertThat(recorder.events()).containsExactly("response 200");
        assertThat(isKept()).isTrue();
    }

    @Test
    void discardBeforeTheResponseWaitsForIt() {
        TestExchange recorder = asked();
        recorder.control().discard();
        peer().send("HTTP/1.1 103 Hints\r\n\r\n", OK);
        assertThat(recorder.events()).isEmpty();
        assertThat(isKept()).isTrue();
    }

    @Test
    void aFaultOfADiscardedResponseIsNotTold() {
        TestExchange recorder = asked();
        peer().send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        recorder.control().discard();
        peer().send("nonsense\r\n");
        assertThat(recorder.events()).containsExactly("response 200");
        assertThat(isKept()).isFalse();
    }

    // ---- cancel

    @Test
    void cancelClosesTheConnectionAndTellsNothing() {
        TestExchange recorder = asked();
        peer().send(begun(9, "abc"));
        recorder.control().cancel(false);
        assertThat(recorder.events()).containsExactly("response 200", "data abc");
        assertThat(isKept()).isFalse();
    }

    @Test
    void cancelStopsTheBody() {
        server.nextPeer().expect(request("POST", "/", "content-length: 1"));
        TestBody body = TestBody.of("a").later();
        send(head("POST", "/"), body).control().cancel(true);
        body.give();
        assertThat(body.calls).containsExactly("start", "cancel");
        assertThat(isKept()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"informational 103", "response 200", "data ok"})
    void cancelWithinAnEventEndsTheEvents(String when) {
        server.nextPeer().expect(request("GET", "/"));
        TestExchange recorder = new TestExchange() {
            @Override
            public void informational(int status, HeaderFields itsFields) {
                super.informational(status, itsFields);
                cancelIf();
            }

            @Override
            public void response(int status, HeaderFields itsFields) {
                super.response(status, itsFields);
                cancelIf();
            }

            @Override
            public void data(ByteBuffer part) {
                super.data(part);
                cancelIf();
            }

            private void cancelIf() {
                if (events().contains(when)) {
                    control().cancel(false);
                }
            }
        };
        begin(head("GET", "/"), TestBody.NONE, recorder);
        peer().send("HTTP/1.1 103 Hints\r\n\r\n" + OK);
        assertThat(recorder.events()).last().isEqualTo(when);
        assertThat(isKept()).isFalse();
    }

    @Test
    void nothingHappensAfterTheEnd() {
        server.nextPeer().expect(request("GET", "/")).send(OK);
        TestExchange recorder = get("/");
        Lease<HttpConnection> next = lease();
        recorder.control().cancel(true);
        recorder.control().discard();
        recorder.control().consumed(2);
        assertThat(isKept()).isTrue();
        next.release();
    }

    @Test
    void aLeaseIsForOneExchange() {
        Lease<HttpConnection> lease = lease();
        HttpConnection connection = lease.connection();
        peer().expect(request("GET", "/"));
        connection.exchange(head("GET", "/"), TestBody.NONE, new TestExchange());
        assertThatThrownBy(() -> connection.exchange(head("GET", "/"), TestBody.NONE, new TestExchange()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("second exchange");
        peer().send(OK);
    }

    @Test
    void aLeaseThatEndsInTheMiddleEndsTheExchangeAndTheConnection() {
        Lease<HttpConnection> lease = lease();
        peer().expect(request("GET", "/"));
        TestExchange recorder = new TestExchange();
        recorder.begin(lease, head("GET", "/"), TestBody.NONE);
        lease.release();

        assertThat(recorder.events()).containsExactly("failed NEVER");
        assertThat(isKept()).isFalse();
    }

    @Test
    void aLeaseThatHasEndedSendsNothing() {
        Lease<HttpConnection> lease = lease();
        HttpConnection connection = lease.connection();
        lease.release();
        TestExchange recorder = new TestExchange();
        TestBody body = TestBody.of("a");
        connection.exchange(head("POST", "/"), body, recorder);
        assertThat(recorder.events()).containsExactly("failed UNPROCESSED");
        assertThat(body.calls).containsExactly("cancel");

        peer().expect(request("GET", "/")).send(OK);
        assertThat(get("/").events()).last().isEqualTo("completed");
    }

    // ---- back-pressure

    private static HttpOptions window(int bytes) {
        HttpOptions d = HttpOptions.DEFAULTS;
        return new HttpOptions(
                false,
                d.maxHeaderSize(),
                d.maxHeaderFields(),
                d.maxInformational(),
                d.maxDrain(),
                d.maxStreams(),
                bytes,
                d.connectionWindow(),
                d.pingAfter(),
                d.pingTimeout());
    }

    private TestExchange slow() {
        server.nextPeer().expect(request("GET", "/"));
        TestExchange recorder = new TestExchange();
        recorder.takesAtOnce = false;
        begin(head("GET", "/"), TestBody.NONE, recorder);
        return recorder;
    }

    @Test
    void readingStopsWhenTheWindowIsFullAndGoesOnWhenHalfOfItIsEmpty() {
        int read = 64 * 1024;
        use(window(4 * read));
        TestExchange recorder = slow();
        String[] reads = new String[10];
        Arrays.fill(reads, "x".repeat(read));
        peer().send(begun(10 * read, "")).send((Object[]) reads);

        assertThat(recorder.received).isEqualTo(4 * read);
        recorder.control().consumed(2 * read);
        assertThat(recorder.received).isEqualTo(4 * read);
        recorder.control().consumed(read);
        assertThat(recorder.received).isEqualTo(7 * read);
        recorder.control().consumed(4 * read);
        assertThat(recorder.events()).last().isEqualTo("completed");
        assertThat(isKept()).isTrue();
    }

    /** Each part takes memory, however small it is. */
    @Test
    void manySmallPartsFillTheWindow() {
        int read = 64 * 1024;
        use(window(2 * read));
        TestExchange recorder = slow();
        peer().send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        Object[] chunks = Collections.nCopies(1000, "1\r\nx\r\n").toArray();
        peer().send(chunks);

        assertThat(recorder.received).isEqualTo(65);
        recorder.control().consumed(64);
        assertThat(recorder.received).isEqualTo(65);
        recorder.control().consumed(1);
        assertThat(recorder.received).isEqualTo(130);
        recorder.control().discard();
        peer().send("0\r\n\r\n");
        assertThat(isKept()).isTrue();
    }

    @Test
    void aResponseThatIsCompleteDoesNotWaitUntilItIsTaken() {
        use(window(10));
        TestExchange recorder = slow();
        peer().send(begun(6, "abcdef"));
        assertThat(recorder.events()).last().isEqualTo("completed");
        peer().expect(request("GET", "/")).send(OK);
        assertThat(get("/").events()).last().isEqualTo("completed");
    }

    @Test
    void aPartMayBeTakenWithinItsEvent() {
        use(window(2));
        TestExchange recorder = asked();
        peer().send(begun(9, "abc"), "def", "ghi");
        assertThat(recorder.events()).containsExactly("response 200", "data abcdefghi", "completed");
    }

    // ---- what may be sent again

    @Test
    void aNewConnectionThatEndsBeforeTheResponseIsNoReasonToSendAgain() {
        server.nextPeer().expect(request("GET", "/")).close();
        TestExchange recorder = get("/");
        assertThat(recorder.events()).containsExactly("failed NEVER");
        assertThat(recorder.failure).isInstanceOf(IOException.class).hasMessageContaining("without a response");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReusedConnectionThatEndsBeforeTheResponseIsOne(boolean reset) {
        server.nextPeer().expect(request("GET", "/")).send(OK).expect(request("GET", "/"));
        get("/");
        if (reset) {
            peer().reset();
        } else {
            peer().close();
        }
        assertThat(get("/").events()).containsExactly("failed IF_IDEMPOTENT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"H", "\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n"})
    void aByteOfTheResponseIsNone(String part) {
        server.nextPeer()
                .expect(request("GET", "/"))
                .send(OK)
                .expect(request("GET", "/"))
                .send(part)
                .close();
        get("/");
        assertThat(get("/").events()).last().isEqualTo("failed NEVER");
    }

    @Test
    void aConnectionThatHasEndedBeforeTheRequestIsAlwaysOne() {
        Lease<HttpConnection> lease = lease();
        peer().close();
        TestExchange recorder = new TestExchange();
        TestBody body = TestBody.of("a");
        lease.connection().exchange(head("POST", "/"), body, recorder);
        assertThat(recorder.events()).containsExactly("failed UNPROCESSED");
        assertThat(recorder.failure).hasMessageContaining("nothing was sent");
        assertThat(body.calls).containsExactly("cancel");
    }
}
