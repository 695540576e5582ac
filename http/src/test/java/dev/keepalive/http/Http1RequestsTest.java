package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is sent of a request, and when. */
class Http1RequestsTest extends Http1Rig {
    private static final String CHUNKED = request("POST", "/", "transfer-encoding: chunked");

    private static String withLength(int length) {
        return request("POST", "/", "content-length: " + length);
    }

    // ---- bodies

    @Test
    void anEmptyBodyIsSentWithItsLength() {
        server.nextPeer().expect(withLength(0)).send(OK);
        TestBody body = TestBody.of();

        assertThat(send(head("POST", "/"), body).events()).last().isEqualTo("completed");
        assertThat(body.calls).containsExactly("start");
        assertServesAnother();
    }

    @Test
    void anEmptyBodyOfUnknownLengthIsSent() {
        server.nextPeer().expect(CHUNKED + "0\r\n\r\n").send(OK);

        assertThat(send(head("POST", "/"), TestBody.chunked()).events()).last().isEqualTo("completed");
        assertServesAnother();
    }

    @Test
    void theHeadDoesNotWaitForTheBody() {
        server.nextPeer().expect(withLength(5));
        TestBody body = TestBody.of("hel", "lo").later();
        TestExchange recorder = send(head("POST", "/"), body);
        server.check();

        body.give();
        peer().expect("hel");
        server.check();
        body.give();
        peer().expect("lo").send(OK);
        assertThat(recorder.events()).last().isEqualTo("completed");
        assertThat(body.calls).containsExactly("start", "more", "more");
        assertServesAnother();
    }

    @Test
    void anEmptyPartIsSkipped() {
        server.nextPeer().expect(CHUNKED + "1\r\na\r\n1\r\nb\r\n0\r\n\r\n").send(OK);

        send(head("POST", "/"), TestBody.chunked("", "a", "", "b", ""));
        assertServesAnother();
    }

    @Test
    void aLargePartIsSentInSlices() {
        String large = "x".repeat(100_000);
        server.nextPeer().expect(withLength(100_000), large).send(OK);

        assertThat(send(head("POST", "/"), TestBody.of(large)).events()).last().isEqualTo("completed");
        assertServesAnother();
    }

    @Test
    void aBodyOfManyPartsIsSent() {
        String[] parts = Collections.nCopies(10_000, "part").toArray(String[]::new);
        server.nextPeer().expect(withLength(40_000), String.join("", parts)).send(OK);

        assertThat(send(head("POST", "/"), TestBody.of(parts)).events()).last().isEqualTo("completed");
        assertServesAnother();
    }

    // ---- what a publisher must not do

    private void assertFails(RequestHead head, TestBody body, String message) {
        assertFailed(send(head, body), message);
    }

    private static void assertFailed(TestExchange recorder, String message) {
        assertThat(recorder.events()).containsExactly("failed NEVER");
        assertThat(recorder.failure).hasMessageContaining(message);
    }

    @Test
    void tooManyBytesAreNotSent() {
        server.nextPeer().expect(withLength(4));
        TestBody body = TestBody.ofLength(4, "abc", "de").later();
        TestExchange recorder = send(head("POST", "/"), body);
        body.give();
        peer().expect("abc");
        body.give();
        peer().expectEnd();

        assertFailed(recorder, "more than the 4 bytes");
        assertThat(body.calls).containsExactly("start", "more", "cancel");
        assertThat(isKept()).isFalse();
    }

    @Test
    void moreThanAllBytesAreNotSent() {
        server.nextPeer().expect(withLength(3));
        TestBody body = TestBody.ofLength(3, "abc", "d").later();
        TestExchange recorder = send(head("POST", "/"), body);
        body.give();
        peer().expect("abc");
        body.give();
        peer().expectEnd();

        assertFailed(recorder, "more than the 3 bytes");
    }

    @Test
    void tooFewBytesAreAFailure() {
        server.nextPeer().expect(withLength(4));
        TestBody body = TestBody.ofLength(4, "abc").later();
        TestExchange recorder = send(head("POST", "/"), body);
        body.give();
        peer().expect("abc");
        body.give();
        peer().expectEnd();

        assertFailed(recorder, "3 bytes of the 4");
        assertThat(isKept()).isFalse();
    }

    @Test
    void aPublisherThatFailsInTheMiddleEndsTheExchange() {
        server.nextPeer().expect(withLength(4));
        TestBody body = TestBody.ofLength(4, "abc").later();
        TestExchange recorder = send(head("POST", "/"), body);
        body.give();
        peer().expect("abc");
        body.sink().fail(new IOException("no more of it"));
        peer().expectEnd();

        assertFailed(recorder, "no more of it");
        assertThat(body.calls).doesNotContain("cancel");
        assertThat(isKept()).isFalse();
    }

    @Test
    void aPublisherThatFailsAtOnceLeavesTheConnectionAsItWas() {
        server.nextPeer();
        TestBody body = new TestBody(4, List.of()) {
            @Override
            void give() {
                sink().fail(new IOException("nothing of it"));
            }
        };
        assertFails(head("POST", "/"), body, "nothing of it");

        peer().expect(request("GET", "/")).send(OK);
        assertThat(get("/").events()).last().isEqualTo("completed");
    }

    @Test
    void aBodyThatThrowsEndsTheExchange() {
        server.nextPeer();
        assertFails(
                head("POST", "/"),
                new TestBody(4, List.of()) {
                    @Override
                    void give() {
                        throw new IllegalStateException("thrown");
                    }
                },
                "thrown");
    }

    @Test
    void aPartThatWasNotAskedForIsAFailure() {
        server.nextPeer();
        TestBody body = new TestBody(4, List.of()) {
            @Override
            void give() {
                sink().write(ByteBuffer.wrap(new byte[] {'a'}));
                sink().write(ByteBuffer.wrap(new byte[] {'a'}));
            }
        };
        assertFails(head("POST", "/"), body, "before it was asked");
    }

    @Test
    void aFieldThatWouldBreakTheLineIsNotSentAndTheConnectionIsKept() {
        server.nextPeer();
        for (RequestBody body : List.of(TestBody.NONE, TestBody.of("a"), TestBody.of("a", "b"))) {
            TestExchange recorder = send(head("GET", "/", "A", "b\r\nc: d"), body);
            assertThat(recorder.events()).containsExactly("failed NEVER");
            assertThat(recorder.failure).isInstanceOf(IllegalArgumentException.class);
        }
        TestExchange recorder =
                send(new RequestHead("GET", "http", "server.test", "/", fields("A", "b\0"), true), TestBody.of("a"));
        assertThat(recorder.failure).isInstanceOf(IllegalArgumentException.class);

        peer().expect(request("GET", "/")).send(OK);
        assertThat(get("/").events()).last().isEqualTo("completed");
    }

    // ---- 100 (Continue)

    private static final String EXPECTING = request("PUT", "/", "content-length: 3", "expect: 100-continue");

    @Test
    void theBodyWaitsForContinue() {
        server.nextPeer().expect(EXPECTING);
        TestBody body = TestBody.of("abc");
        TestExchange recorder = send(expecting("PUT", "/"), body);
        assertThat(body.calls).isEmpty();

        peer().send("HTTP/1.1 100 Continue\r\n\r\n").expect("abc").send(OK);
        assertThat(recorder.events()).containsExactly("informational 100", "response 200", "data ok", "completed");
        assertServesAnother();
    }

    @Test
    void theBodyIsSentAfterASecondWithoutContinue() {
        server.nextPeer().expect(EXPECTING);
        TestExchange recorder = send(expecting("PUT", "/"), TestBody.of("abc"));
        server.time().advance(Duration.ofMillis(999));
        server.check();
        server.time().advance(Duration.ofMillis(1));
        peer().expect("abc").send("HTTP/1.1 100 Continue\r\n\r\n").send(OK);

        assertThat(recorder.events()).last().isEqualTo("completed");
        assertServesAnother();
    }

    @Test
    void theBodyIsNotSentAfterAFinalStatus() {
        server.nextPeer().expect(EXPECTING).send("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nn");
        TestBody body = TestBody.of("abc");
        TestExchange recorder = send(expecting("PUT", "/"), body);
        server.time().advance(Duration.ofSeconds(5));
        peer().send("o").expectEnd();

        assertThat(recorder.events()).containsExactly("response 417", "data no", "completed");
        assertThat(body.calls).containsExactly("cancel");
        assertThat(isKept()).isFalse();
    }

    @Test
    void anEmptyBodyDoesNotWait() {
        server.nextPeer().expect(request("PUT", "/", "content-length: 0")).send(OK);
        assertThat(send(expecting("PUT", "/"), TestBody.of()).events()).last().isEqualTo("completed");
    }

    @Test
    void aRequestWithoutABodyDoesNotExpectContinue() {
        server.nextPeer().expect(request("GET", "/")).send(OK);
        assertThat(send(expecting("GET", "/"), TestBody.NONE).events()).last().isEqualTo("completed");
    }

    // ---- responses before the end of the request

    @Test
    void aResponseBeforeTheEndOfTheRequestClosesTheConnection() {
        server.nextPeer().expect(withLength(5), "hel").send(OK).expectEnd();
        TestBody body = TestBody.of("hel", "lo").later();
        TestExchange recorder = send(head("POST", "/"), body);
        body.give();

        assertThat(recorder.events()).containsExactly("response 200", "data ok", "completed");
        assertThat(body.calls).containsExactly("start", "more", "cancel");
        body.give();
        assertThat(isKept()).isFalse();
    }

    @Test
    void aRequestThatIsSentWholeBeforeTheEndOfItsResponseKeepsTheConnection() {
        server.nextPeer().expect(withLength(5)).send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nye");
        TestBody body = TestBody.of("hello").later();
        TestExchange recorder = send(head("POST", "/"), body);
        body.give();
        peer().expect("hello").send("ah");

        assertThat(recorder.events()).containsExactly("response 200", "data yeah", "completed");
        assertServesAnother();
    }

    @Test
    void aServerThatRefusesAndClosesGetsNoMore() {
        server.nextPeer()
                .expect(withLength(5))
                .send("HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 4\r\n\r\nno");
        TestBody body = TestBody.of("hello").later();
        TestExchange recorder = send(head("POST", "/"), body);

        assertThat(body.calls).containsExactly("start", "cancel");
        body.give();
        peer().send("no").expectEnd();
        assertThat(recorder.events()).containsExactly("response 413", "data nono", "completed");
    }

    @Test
    void aServerThatClosesAfterASuccessGetsAllOfTheRequest() {
        server.nextPeer().expect(withLength(5)).send("HTTP/1.1 200 OK\r\n\r\n");
        TestBody body = TestBody.of("hello").later();
        TestExchange recorder = send(head("POST", "/"), body);
        body.give();
        peer().expect("hello").send("olleh").close();

        assertThat(recorder.events()).containsExactly("response 200", "data olleh", "completed");
    }
}
