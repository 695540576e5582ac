package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** One exchange after the other on one connection. */
class Http1ExchangeTest extends Http1Rig {
    @Test
    void aRequestWithoutABodyIsAnsweredAndTheConnectionServesTheNext() {
        server.nextPeer()
                .expect(request("GET", "/a?b", "X: y"))
                .send(OK)
                .expect(request("GET", "/c"))
                .send("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");

        assertThat(send(head("GET", "/a?b", "X", "y"), TestBody.NONE).events())
                .containsExactly("response 200", "data ok", "completed");
        assertThat(get("/c").events()).containsExactly("response 404", "completed");
    }

    @Test
    void aBodyOfKnownLengthIsSentWithItsLength() {
        server.nextPeer()
                .expect(request("POST", "/", "content-length: 5"), "hello")
                .send(OK);

        assertThat(send(head("POST", "/"), TestBody.of("hel", "lo")).events())
                .containsExactly("response 200", "data ok", "completed");
        assertServesAnother();
    }

    @Test
    void aBodyOfUnknownLengthIsSentInChunks() {
        server.nextPeer()
                .expect(request("POST", "/", "transfer-encoding: chunked"), "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")
                .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nT: u\r\n\r\n");

        assertThat(send(head("POST", "/"), TestBody.chunked("hel", "lo")).events())
                .containsExactly("response 200", "data abcd", "completed");
        assertServesAnother();
    }
}
