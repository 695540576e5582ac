package dev.keepalive.cli;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;

/** A certificate authority for tests, and server certificates that it issued. */
final class TestCertificates {
    private static final X509Bundle AUTHORITY = authority();

    private TestCertificates() {}

    /** The file for {@code --cacert}. */
    static String authorityFile() throws IOException {
        Path file = Files.createTempFile("authority", ".pem");
        file.toFile().deleteOnExit();
        Files.writeString(file, AUTHORITY.getRootCertificatePEM());
        return file.toString();
    }

    /** A certificate for this host name or address. */
    static X509Bundle issuedTo(String host) {
        CertificateBuilder certificate = new CertificateBuilder().subject("CN=test server");
        try {
            return (NetUtil.isValidIpV4Address(host)
                            ? certificate.addSanIpAddress(host)
                            : certificate.addSanDnsName(host))
                    .buildIssuedBy(AUTHORITY);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** The TLS settings of a server with such a certificate. */
    static SSLContext serverOf(String host) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(issuedTo(host).toKeyManagerFactory().getKeyManagers(), null, null);
            return context;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static X509Bundle authority() {
        try {
            return new CertificateBuilder()
                    .subject("CN=test authority")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
