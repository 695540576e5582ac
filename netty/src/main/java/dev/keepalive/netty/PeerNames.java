package dev.keepalive.netty;

import io.netty.util.NetUtil;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;

/**
 * Verifies that a certificate is of a name or address (RFC 9525). The TLS engine leaves that to the trust manager, and
 * a trust manager of the program may look at the chain of certificates alone. What the JDK accepts is accepted: the
 * common name if there is no other name, and a wildcard as a part of the first label.
 */
final class PeerNames {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;
    private static final int MAX_ASCII = 0x7f;
    private static final String COMMON_NAME = "CN=";

    private PeerNames() {}

    /** @throws SSLPeerUnverifiedException if the peer has shown no certificate, or one of other names */
    static void verify(SSLSession session, String name) throws SSLPeerUnverifiedException {
        Certificate[] shown = session.getPeerCertificates();
        if (shown.length == 0 || !(shown[0] instanceof X509Certificate certificate)) {
            throw new SSLPeerUnverifiedException("the peer has shown no certificate of X.509");
        }
        List<String> names;
        boolean matches;
        if (TlsSettings.isAddress(name)) {
            names = alternatives(certificate, IP_ADDRESS);
            byte[] address = NetUtil.createByteArrayFromIpAddressString(name);
            matches = address != null
                    && names.stream()
                            .anyMatch(each -> Arrays.equals(address, NetUtil.createByteArrayFromIpAddressString(each)));
        } else {
            names = alternatives(certificate, DNS_NAME);
            if (names.isEmpty()) {
                names = commonName(certificate.getSubjectX500Principal());
            }
            matches = names.stream().anyMatch(each -> matches(name, each));
        }
        if (!matches) {
            throw new SSLPeerUnverifiedException("the certificate is not of " + name + ": its names are " + names);
        }
    }

    private static List<String> alternatives(X509Certificate certificate, int type) throws SSLPeerUnverifiedException {
        Collection<List<?>> all;
        try {
            all = certificate.getSubjectAlternativeNames();
        } catch (CertificateParsingException e) {
            throw (SSLPeerUnverifiedException)
                    new SSLPeerUnverifiedException("the names of the certificate cannot be read").initCause(e);
        }
        List<String> names = new ArrayList<>();
        for (List<?> each : all == null ? List.<List<?>>of() : all) {
            if (Integer.valueOf(type).equals(each.get(0)) && each.get(1) instanceof String text) {
                names.add(text);
            }
        }
        return names;
    }

    /** Whether a host name is that of a certificate, which may have a wildcard in its first label. */
    static boolean matches(String name, String pattern) {
        String[] labels = labels(name);
        String[] expected = labels(pattern);
        // A pattern beyond ASCII is no name of a host, and its letters may become others in lower case.
        if (labels.length != expected.length || pattern.chars().anyMatch(c -> c > MAX_ASCII)) {
            return false;
        }
        for (int i = 1; i < labels.length; i++) {
            if (!labels[i].equals(expected[i])) {
                return false;
            }
        }
        return labels[0].equals(expected[0]) || labels.length > 2 && matchesWildcard(labels[0], expected[0]);
    }

    private static String[] labels(String name) {
        return (name.endsWith(".") ? name.substring(0, name.length() - 1) : name)
                .toLowerCase(Locale.ROOT)
                .split("\\.", -1);
    }

    private static boolean matchesWildcard(String label, String pattern) {
        int star = pattern.indexOf('*');
        if (star < 0 || star != pattern.lastIndexOf('*') || pattern.length() > 1 && label.startsWith("xn--")) {
            return false;
        }
        String before = pattern.substring(0, star);
        String after = pattern.substring(star + 1);
        return label.length() >= before.length() + after.length() && label.startsWith(before) && label.endsWith(after);
    }

    private static List<String> commonName(X500Principal subject) {
        String text = subject.getName(X500Principal.RFC2253);
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i < text.length() && text.charAt(i) == '\\') {
                i++;
            } else if (i == text.length() || text.charAt(i) == ',' || text.charAt(i) == '+') {
                String part = text.substring(start, i);
                if (part.startsWith(COMMON_NAME)) {
                    return List.of(part.substring(COMMON_NAME.length()));
                }
                start = i + 1;
            }
        }
        return List.of();
    }
}
