package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.keepalive.AcquireException;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverException;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Failures of dials can be serialised, whatever the exceptions of Netty and the JDK refer to. */
class SerializableFailuresTest {
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("127.0.0.1", 53);
    private static final DnsNameResolverException OF_A_LOOKUP = new DnsNameResolverException(
            ADDRESS, new DefaultDnsQuestion("a.test.", DnsRecordType.A), "the query failed");

    static Stream<Throwable> causes() {
        return Stream.of(
                OF_A_LOOKUP,
                new UnknownHostException("a.test").initCause(OF_A_LOOKUP),
                new ProxyException(Endpoint.of("http", "proxy.test", 3128), "refuses with status 407", OF_A_LOOKUP),
                new ConnectTimeoutException("timed out"),
                new SSLHandshakeException("no name matches").initCause(new NotSslRecordException("not TLS")));
    }

    @ParameterizedTest
    @MethodSource("causes")
    void aFailureWithACauseOfALibraryIsWrittenAndRead(Throwable cause) throws Exception {
        DialException failure = SystemErrors.of(Phase.RESOLVE, cause);
        DialException read = (DialException) readBack(failure);
        assertThat(read).hasMessage(failure.getMessage());
        assertThat(read.errorNumber()).isEqualTo(failure.errorNumber());
        assertThat(read.getCause())
                .isNotNull()
                .extracting(Throwable::toString)
                .asString()
                .contains(cause.toString());
    }

    @Test
    void theFailureOfAnUnknownNameIsWrittenAndRead() throws Exception {
        try (NameServer names = NameServer.start();
                ConnectionManager<NettyConnection> manager = ConnectionManager.builder(NettyConnector.builder()
                                .resolver(resolver(names.address()))
                                .build())
                        .build()) {
            AcquireException failure = catchThrowableOfType(
                    AcquireException.class, () -> manager.blocking().acquire(Endpoint.of("test", "unknown.test", 9)));
            AcquireException read = (AcquireException) readBack(failure);
            assertThat(read).isInstanceOf(AcquireException.DialFailed.class).hasMessage(failure.getMessage());
            assertThat(read.errorNumber()).isEqualTo(-2);
        }
    }

    private static DnsAddressResolverGroup resolver(InetSocketAddress nameServer) {
        return new DnsAddressResolverGroup(new DnsNameResolverBuilder()
                .datagramChannelType(NioDatagramChannel.class)
                .searchDomains(List.of())
                .nameServerProvider(new SequentialDnsServerAddressStreamProvider(nameServer)));
    }

    private static Object readBack(Throwable failure) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(failure);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return in.readObject();
        }
    }
}
