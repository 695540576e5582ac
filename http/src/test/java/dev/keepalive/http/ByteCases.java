package dev.keepalive.http;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/** Responses of HTTP/1.1 that are odd or wrong, byte for byte. */
final class ByteCases extends DifferentialCase.Group {
    ByteCases() {
        super("bytes");
        odd();
        wrong();
        ends();
        requests();
    }

    /** The server sends these bytes, and closes the connection. */
    private void sent(String name, String bytes) {
        clear(name, run -> {
            try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                connection.readHead();
                connection.send(bytes);
            })) {
                HttpRequest request = HttpRequest.newBuilder(run.servers.withoutPort(server.uri("/")))
                        .build();
                run.send(request, BodyHandlers.ofString());
            }
        });
    }

    private void odd() {
        sent("no reason", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok");
        sent("an empty reason", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok");
        sent("a long reason", "HTTP/1.1 200 " + "r".repeat(1_000) + "\r\nContent-Length: 2\r\n\r\nok");
        sent("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nuntil the end");
        sent("HTTP/1.0 with a length", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok");
        sent("an unknown status", "HTTP/1.1 299 What\r\nContent-Length: 2\r\n\r\nok");
        sent("a status of 599", "HTTP/1.1 599 What\r\nContent-Length: 2\r\n\r\nok");
        sent("lines that end with LF", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok");
        sent("no space after the colon", "HTTP/1.1 200 OK\r\nContent-Length:2\r\nX-A:b\r\n\r\nok");
        sent("spaces around values", "HTTP/1.1 200 OK\r\nContent-Length:  2  \r\nX-A:\t b \t\r\n\r\nok");
        sent("a field without a value", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A:\r\n\r\nok");
        sent("equal lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok");
        sent("chunk extensions", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\n\r\n");
        sent(
                "upper-case chunk sizes",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n");
        sent(
                "chunks with zeros before",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0002\r\nok\r\n000\r\n\r\n");
        sent("trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n");
        sent("more than its length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore");
        sent("204 with a length", "HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n");
        sent("204 with a length of 0", "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n");
        sent("304 with a length", "HTTP/1.1 304 No\r\nContent-Length: 2\r\n\r\n");
        sent(
                "two informational responses",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nLink: a\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        sent("letters outside ASCII", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: \u00e9\r\n\r\nok");
    }

    private void wrong() {
        sent("no response at all", "");
        sent("no HTTP", "SSH-2.0-OpenSSH\r\n");
        sent("another protocol", "ICY 200 OK\r\nContent-Length: 2\r\n\r\nok");
        sent("HTTP/2.0", "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok");
        sent("a status that is no number", "HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\nok");
        sent("a status of two digits", "HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok");
        sent("a status of four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok");
        sent("a field without a colon", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nbad\r\n\r\nok");
        sent("a space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok");
        sent("a folded field", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: a\r\n b\r\n\r\nok");
        sent("NUL in a field", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: a\u0000b\r\n\r\nok");
        sent("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok");
        sent("a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok");
        sent("a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok");
        sent("a huge length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok");
        sent(
                "a length and chunks",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n" + "2\r\nok\r\n0\r\n\r\n");
        sent(
                "a chunk size that is no number",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n");
        sent("a chunk size below zero", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nok\r\n0\r\n\r\n");
        sent("a chunk without its end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokXX0\r\n\r\n");
        sent(
                "a chunk size with white space behind it",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\nok\r\n0\r\n\r\n");
        sent("another coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok");
        sent("an unexpected 101", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
        sent("a huge field", "HTTP/1.1 200 OK\r\nX-A: " + "a".repeat(1_000_000) + "\r\nContent-Length: 2\r\n\r\nok");
    }

    private void ends() {
        sent("a head that is cut", "HTTP/1.1 200 OK\r\nContent-Le");
        sent("a body that is cut", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok");
        sent("a chunk that is cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nok");
        sent("no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
        sent("a trailer that is cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n");
    }

    /** What goes out, byte for byte, but for the order and the case of the fields. */
    private void requests() {
        for (String method : new String[] {"GET", "POST", "PUT", "DELETE"}) {
            clear(
                    method + " of nothing goes out",
                    run -> seen(run, HttpRequest.newBuilder().method(method, BodyPublishers.noBody())));
        }
        clear(
                "POST of a text goes out",
                run -> seen(run, HttpRequest.newBuilder().POST(BodyPublishers.ofString("text"))));
        clear(
                "POST of unknown length goes out",
                run -> seen(
                        run,
                        HttpRequest.newBuilder()
                                .POST(BodyPublishers.ofInputStream(
                                        () -> new java.io.ByteArrayInputStream("text".getBytes())))));
        clear(
                "HTTP/2 in the clear goes out",
                run -> seen(run, HttpRequest.newBuilder().version(java.net.http.HttpClient.Version.HTTP_2)));
    }

    private static void seen(DifferentialRun run, HttpRequest.Builder request) throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
            String head = connection.readHead();
            String body = connection.readBody(head);
            run.note("head " + head.lines().map(FieldsOfAgent::hidden).toList() + " body " + body);
            connection.respond("ok");
        })) {
            run.send(
                    request.uri(run.servers.withoutPort(server.uri("/path?query")))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    /** The clients have different names. */
    private static final class FieldsOfAgent {
        static String hidden(String line) {
            return line.regionMatches(true, 0, "user-agent:", 0, 11) ? "user-agent: any" : line;
        }
    }
}
