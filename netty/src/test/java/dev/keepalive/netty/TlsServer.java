package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import io.netty.pkitesting.X509Bundle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;

/**
 * A TLS server that tells each client what it knows of the client. It answers {@code subject} with the subject of the
 * client's certificate, {@code name} with the server name that the client sent, {@code protocol} with the negotiated
 * protocol, {@code id} with the number of the connection, {@code user} with the user of the last {@code login …} on
 * this connection, and anything else with the same line. To {@code CONNECT} it answers as a proxy that agrees, and goes
 * on as the server behind. It counts its connections. It has one certificate for each of some server names, and one for
 * all other names.
 */
final class TlsServer implements AutoCloseable {
    private final ServerSocket listener;
    private final SSLContext context;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger total = new AtomicInteger();
    final List<String> failures = new CopyOnWriteArrayList<>();
    private volatile Consumer<SSLParameters> settings = parameters -> {};

    TlsServer(X509Bundle defaultBundle, Map<String, X509Bundle> byName) throws Exception {
        context = Certificates.server(defaultBundle, byName);
        listener = new ServerSocket(0, 200, InetAddress.getByName("127.0.0.1"));
        daemon(this::acceptAll);
    }

    TlsServer() throws Exception {
        this(Certificates.ofServer(Certificates.NAME), Map.of());
    }

    /** Sets the TLS parameters of connections that come from now on. */
    TlsServer withSettings(Consumer<SSLParameters> newSettings) {
        settings = newSettings;
        return this;
    }

    /** Asks clients for a certificate, but also accepts a client without one. */
    TlsServer requestingClientCertificate() {
        return withSettings(parameters -> parameters.setWantClientAuth(true));
    }

    /** Supports these application protocols. */
    TlsServer withProtocols(String... protocols) {
        return withSettings(parameters -> parameters.setApplicationProtocols(protocols));
    }

    int port() {
        return listener.getLocalPort();
    }

    Endpoint endpoint() {
        return Endpoint.of("https", Certificates.NAME, port());
    }

    int open() {
        return open.size();
    }

    /** How many connections have come so far. */
    int total() {
        return total.get();
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                int number = total.incrementAndGet();
                open.add(socket);
                daemon(() -> serve(socket, number));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket, int number) {
        try (socket) {
            SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, null, false);
            secure.setUseClientMode(false);
            SSLParameters parameters = secure.getSSLParameters();
            settings.accept(parameters);
            secure.setSSLParameters(parameters);
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(secure.getInputStream(), StandardCharsets.UTF_8));
            String user = "none";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                user = line.startsWith("login ") ? line.substring(6) : user;
                String answer = (line.equals("user") ? user : answer(secure, line, number)) + "\n";
                if (line.startsWith("CONNECT ")) {
                    while (!lines.readLine().isEmpty()) {
                        // the header of the request
                    }
                    answer = "HTTP/1.1 200 OK\r\n\r\n";
                }
                secure.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            failures.add(String.valueOf(e.getMessage()));
        } finally {
            open.remove(socket);
        }
    }

    private static String answer(SSLSocket secure, String line, int number) {
        return switch (line) {
            case "subject" -> subject(secure);
            case "name" -> names((ExtendedSSLSession) secure.getSession());
            case "protocol" -> secure.getApplicationProtocol();
            case "id" -> Integer.toString(number);
            default -> line;
        };
    }

    private static String subject(SSLSocket secure) {
        try {
            return secure.getSession().getPeerPrincipal().getName();
        } catch (SSLPeerUnverifiedException e) {
            return "none";
        }
    }

    private static String names(ExtendedSSLSession session) {
        return session.getRequestedServerNames().stream()
                .map(name -> ((SNIHostName) name).getAsciiName())
                .toList()
                .toString();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "tls-server");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
