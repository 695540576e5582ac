package dev.keepalive.bench.loopback;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.File;
import java.io.IOException;
import java.util.List;

/** TLS between clients and server, with a certificate that is made on the spot. */
public final class LoopbackTls {
    private final SslContext client;
    private final List<String> serverFiles;

    private LoopbackTls(SslContext client, List<String> serverFiles) {
        this.client = client;
        this.serverFiles = serverFiles;
    }

    /** Makes a certificate for the server. */
    static LoopbackTls create() throws Exception {
        X509Bundle certificate = new CertificateBuilder()
                .subject("CN=bench")
                .addSanIpAddress("127.0.0.1")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        SslContext client = SslContextBuilder.forClient()
                .trustManager(certificate.getCertificate())
                .build();
        return new LoopbackTls(
                client,
                List.of(
                        certificate.toTempCertChainPem().getPath(),
                        certificate.toTempPrivateKeyPem().getPath()));
    }

    /** The settings of a client, which verifies the server's certificate and name. */
    SslContext client() {
        return client;
    }

    /** The files with the server's certificate and its key. They are deleted when this process ends. */
    List<String> serverFiles() {
        return serverFiles;
    }

    /** The settings of the server, from its files. */
    static SslContext server(String certificate, String key) throws IOException {
        return SslContextBuilder.forServer(new File(certificate), new File(key)).build();
    }
}
