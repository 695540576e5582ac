package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Lease;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a connection is kept: as long as the server says. */
class Http1KeepAliveTest extends Http1Rig {
    private static String keeping(String keepAlive) {
        return "HTTP/1.1 200 OK\r\nKeep-Alive: " + keepAlive + "\r\nContent-Length: 0\r\n\r\n";
    }

    private void answered(String response) {
        server.nextPeer().expect(request("GET", "/")).send(response);
        assertThat(get("/").events()).last().isEqualTo("completed");
    }

    private void answeredAgain(String response) {
        peer().expect(request("GET", "/")).send(response);
        assertThat(get("/").events()).last().isEqualTo("completed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    timeout=5           | 4000
                    timeout=1           |  500
                    timeout=2           | 1000
                    max=7, timeout = 10 | 9000
                    TimeOut="5"         | 4000
                    timeout=5;x, max=3  | -1
                    timeout=            | -1
                    timeout=-5          | -1
                    timeout=99999999999 | -1
                    5                   | -1
                    """)
    void anIdleConnectionIsClosedBeforeTheServerClosesIt(String keepAlive, long millis) {
        answered(keeping(keepAlive));

        if (millis < 0) {
            server.time().advance(Duration.ofSeconds(9));
            assertThat(isKept()).isTrue();
        } else {
            server.time().advance(Duration.ofMillis(millis - 1));
            assertThat(isKept()).isTrue();
            server.time().advance(Duration.ofMillis(1));
            assertThat(isKept()).isFalse();
        }
    }

    @Test
    void aConnectionThatWasOpenedAheadIsKept() {
        lease().release();
        server.time().advance(Duration.ofSeconds(9));
        assertThat(isKept()).isTrue();
    }

    @Test
    void eachResponseBeginsTheTimeAnew() {
        answered(keeping("timeout=5"));
        server.time().advance(Duration.ofSeconds(3));
        answeredAgain(keeping("timeout=5"));
        server.time().advance(Duration.ofMillis(3999));
        assertThat(isKept()).isTrue();
        server.time().advance(Duration.ofMillis(1));
        assertThat(isKept()).isFalse();
    }

    @Test
    void aResponseThatSaysNothingEndsTheLimit() {
        answered(keeping("timeout=5"));
        answeredAgain(OK);
        server.time().advance(Duration.ofSeconds(9));
        assertThat(isKept()).isTrue();
    }

    @Test
    void aConnectionInUseIsNotClosedByTheTime() {
        answered(keeping("timeout=5"));
        peer().expect(request("GET", "/"));
        TestExchange recorder = get("/");
        server.time().advance(Duration.ofSeconds(9));
        peer().send(keeping("timeout=5"));

        assertThat(recorder.events()).last().isEqualTo("completed");
        assertThat(isKept()).isTrue();
        server.time().advance(Duration.ofSeconds(4));
        assertThat(isKept()).isFalse();
    }

    /** The server may close it in this moment: nothing is sent, so that any request may be sent again. */
    @Test
    void aRequestOnALeaseWhoseTimeIsOverIsNotSent() {
        answered(keeping("timeout=5"));
        Lease<HttpConnection> lease = lease();
        server.time().advance(Duration.ofSeconds(4));
        TestExchange recorder = new TestExchange();
        lease.connection().exchange(head("POST", "/"), TestBody.of("a"), recorder);

        assertThat(recorder.events()).containsExactly("failed UNPROCESSED");
        assertThat(recorder.failure).hasStackTraceContaining("Keep-Alive time");
        assertThat(isKept()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"timeout=0", "max=0", "timeout=5, max=0"})
    void aConnectionThatIsNotKeptIsClosed(String keepAlive) {
        answered(keeping(keepAlive));
        assertThat(isKept()).isFalse();
    }

    @Test
    void aConnectionServesAsManyRequestsAsTheServerSays() {
        answered(keeping("max=2"));
        answeredAgain(keeping("max=1"));
        assertThat(isKept()).isTrue();
        answeredAgain(OK);
        assertThat(isKept()).isFalse();
    }

    /** Some servers say the same number each time. */
    @Test
    void aMaximumThatStaysTheSameIsThatOfTheFirstResponse() {
        answered(keeping("max=2"));
        answeredAgain(keeping("max=2"));
        answeredAgain(keeping("max=2"));
        assertThat(isKept()).isFalse();
    }

    @Test
    void aRequestThatSaysCloseIsTheLast() {
        server.nextPeer()
                .expect(request("GET", "/", "Connection: Close"))
                .send(OK)
                .expectEnd();
        assertThat(send(head("GET", "/", "Connection", "Close"), TestBody.NONE).events())
                .last()
                .isEqualTo("completed");
    }

    @Test
    void aResponseToNoRequestClosesTheConnection() {
        answered(OK);
        peer().send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assertThat(isKept()).isFalse();
    }

    @Test
    void aResponseToNoRequestOnALeaseFailsItsRequest() {
        Lease<HttpConnection> lease = lease();
        peer().send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assertThat(isKept()).isFalse();
        TestExchange recorder = new TestExchange();
        lease.connection().exchange(head("POST", "/"), TestBody.of("a"), recorder);

        assertThat(recorder.events()).containsExactly("failed UNPROCESSED");
        assertThat(recorder.failure).hasStackTraceContaining("status 408");
    }

    /** Its rest would be taken for the response to the request. */
    @ParameterizedTest
    @ValueSource(strings = {"H", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 408 Request Timeout\r\n"})
    void noRequestIsSentBehindAPartOfAResponseToNone(String part) {
        answered(OK);
        Lease<HttpConnection> lease = lease();
        peer().send(part);
        TestExchange recorder = new TestExchange();
        lease.connection().exchange(head("POST", "/"), TestBody.of("a"), recorder);

        assertThat(recorder.events()).containsExactly("failed UNPROCESSED");
        assertThat(recorder.failure).hasStackTraceContaining("a part of a response to no request");
        assertThat(isKept()).isFalse();
    }

    @Test
    void anEmptyLineIsNoPartOfAResponse() {
        answered(OK);
        Lease<HttpConnection> lease = lease();
        peer().send("\r\n").expect(request("GET", "/")).send(OK);
        TestExchange recorder = new TestExchange();
        lease.connection().exchange(head("GET", "/"), TestBody.NONE, recorder);
        assertThat(recorder.events()).containsExactly("response 200", "data ok", "completed");
    }

    @Test
    void aSecondResponseIsNotTakenForThatOfTheNextRequest() {
        server.nextPeer().expect(request("GET", "/")).send(OK + OK);
        assertThat(get("/").events()).containsExactly("response 200", "data ok", "completed");
        assertThat(isKept()).isFalse();
    }

    @Test
    void aLeaseThatIsNotUsedIsGivenBackAsItWas() {
        Lease<HttpConnection> lease = lease();
        lease.connection();
        lease.release();
        assertThat(isKept()).isTrue();
    }
}
