package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.spi.DialException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configuration of a host that changes while the program runs. */
class HostNameResolverTest {
    private static final Duration REFRESH = Duration.ofMillis(5);

    @TempDir
    Path folder;

    private Path hosts;
    private Path resolvConf;
    private final AtomicBoolean hasIpv6 = new AtomicBoolean();

    @BeforeEach
    void noFiles() {
        hosts = folder.resolve("hosts");
        resolvConf = folder.resolve("resolv.conf");
    }

    @Test
    void aNameThatMovesInTheHostsFileIsDialedWhereItIsNow() throws Exception {
        Files.writeString(hosts, "127.0.0.2 moves.test # before\n");
        try (ScriptedServer old = ScriptedServer.start("127.0.0.2", 0);
                ScriptedServer moved = ScriptedServer.start("127.0.0.3", old.port());
                ConnectorRig rig = rig()) {
            assertThat(remote(rig, "moves.test", old.port())).isEqualTo("127.0.0.2");

            Files.writeString(hosts, "127.0.0.3 moves.test\n");

            assertThat(remote(rig, "MOVES.test", moved.port())).isEqualTo("127.0.0.3");
        }
    }

    @Test
    void idleConnectionsToAnAddressThatHasLeftTheHostsFileEnd() throws Exception {
        Files.writeString(hosts, "127.0.0.2 moves.test\n");
        try (ScriptedServer old = ScriptedServer.start("127.0.0.2", 0);
                ScriptedServer moved = ScriptedServer.start("127.0.0.3", old.port());
                ConnectionManager<NettyConnection> manager = ConnectionManager.builder(
                                connector().addressRefresh(REFRESH).build())
                        .idleTimeout(Duration.ofMinutes(10))
                        .build()) {
            Endpoint endpoint = Endpoint.of("test", "moves.test", old.port());
            manager.blocking().acquire(endpoint).release();
            ScriptedServer.Peer peer = old.accept();

            replace(hosts, "127.0.0.3 moves.test\n");

            peer.readAll();
            await().until(() -> manager.snapshot().all().idle() == 0);
            Lease<NettyConnection> fresh = manager.blocking().acquire(endpoint);
            assertThat(fresh.origin()).isEqualTo(LeaseOrigin.NEW);
            moved.accept();
            fresh.release();
        }
    }

    @Test
    void aNameThatLeavesTheHostsFileIsLookedUpByDns() throws Exception {
        Files.writeString(hosts, "127.0.0.2 a.test\n");
        try (OddNameServer names = OddNameServer.start(query -> query.ipv4("127.0.0.3"));
                ScriptedServer inFile = ScriptedServer.start("127.0.0.2", 0);
                ScriptedServer inDns = ScriptedServer.start("127.0.0.3", inFile.port());
                ConnectorRig rig = rig()) {
            writeResolvConf(names);
            assertThat(remote(rig, "a.test", inFile.port())).isEqualTo("127.0.0.2");

            Files.delete(hosts);

            assertThat(remote(rig, "a.test", inDns.port())).isEqualTo("127.0.0.3");
        }
    }

    @Test
    void otherNameServersAreAskedAsSoonAsTheSettingsNameThemAndOldAnswersAreForgotten() throws Exception {
        try (OddNameServer old = OddNameServer.start(query -> query.ipv4("127.0.0.2"));
                OddNameServer names = OddNameServer.start(query -> query.ipv4("127.0.0.3"));
                ScriptedServer before = ScriptedServer.start("127.0.0.2", 0);
                ScriptedServer after = ScriptedServer.start("127.0.0.3", before.port());
                ConnectorRig rig = rig()) {
            writeResolvConf(old);
            assertThat(remote(rig, "a.test", before.port())).isEqualTo("127.0.0.2");

            writeResolvConf(names);

            assertThat(remote(rig, "a.test", after.port())).isEqualTo("127.0.0.3");
        }
    }

    @Test
    void aHostThatGetsOrLosesIpv6IsNoticed() throws Exception {
        try (OddNameServer names = OddNameServer.start(query -> query.ipv4("127.0.0.1"))) {
            HostNameResolver resolver = resolver();
            writeResolvConf(names);

            assertThat(resolver.sources(0)).hasSize(1);
            hasIpv6.set(true);
            assertThat(resolver.sources(REFRESH.toNanos() - 1)).hasSize(1);
            assertThat(resolver.sources(REFRESH.toNanos())).hasSize(2);
            hasIpv6.set(false);
            assertThat(resolver.sources(2 * REFRESH.toNanos())).hasSize(1);
        }
    }

    @Test
    void aNameThatOneFamilyDoesNotHaveAndTheServerFailsForInTheOtherIsATemporaryFailure() throws Exception {
        hasIpv6.set(true);
        try (OddNameServer names = OddNameServer.start(
                        query -> query.isIpv6() == query.name().startsWith("six")
                                ? query.answer(OddNameServer.PLAIN | 2)
                                : query.answer(OddNameServer.PLAIN | 3));
                ConnectorRig rig = rig()) {
            writeResolvConf(names);

            for (String name : List.of("six.test", "four.test")) {
                DialException failure = rig.dial("test", name, 9).failure();
                assertThat(failure.errorNumber()).as(name).isEqualTo(-3);
                assertThat(failure.text()).isEqualTo("Temporary failure in name resolution");
                assertThat(failure.getSuppressed()).hasSize(1);
            }
        }
    }

    @Test
    void ifTheServerFailsForOneFamilyTheAddressesOfTheOtherAreUsed() throws Exception {
        hasIpv6.set(true);
        try (OddNameServer names = OddNameServer.start(
                        query -> query.isIpv6() ? query.answer(OddNameServer.PLAIN | 2) : query.ipv4("127.0.0.1"));
                ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = rig()) {
            writeResolvConf(names);

            assertThat(remote(rig, "a.test", server.port())).isEqualTo("127.0.0.1");
        }
    }

    // ---- files

    @Test
    void aFileIsParsedAgainWhenItHasChangedAndNotBefore() throws Exception {
        Path file = folder.resolve("file");
        WatchedFile<StringBuilder> watched = new WatchedFile<>(file, StringBuilder::new);
        StringBuilder missing = watched.get();
        assertThat(missing).isEmpty();
        assertThat(watched.get()).isSameAs(missing);

        Files.writeString(file, "one");
        StringBuilder one = watched.get();
        assertThat(one).hasToString("one");
        assertThat(watched.get()).isSameAs(one);

        replace(file, "two");
        assertThat(watched.get()).hasToString("two");
        Files.write(file, new byte[] {(byte) 0xff, 'x'});
        assertThat(watched.get()).hasToString("\u00ffx");
        Files.delete(file);
        assertThat(watched.get()).isEmpty();
    }

    @Test
    void aFileThatCannotBeReadSaysWhatItSaidLast() throws Exception {
        Path file = folder.resolve("file");
        WatchedFile<String> watched = new WatchedFile<>(file, text -> text);
        Files.writeString(file, "one");
        assertThat(watched.get()).isEqualTo("one");

        Files.delete(file);
        Files.createDirectory(file);

        assertThat(watched.get()).isEqualTo("one");
    }

    private static void replace(Path file, String text) throws Exception {
        Path other = file.resolveSibling("new");
        Files.writeString(other, text);
        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private void writeResolvConf(OddNameServer names) throws Exception {
        replace(resolvConf, "nameserver 127.0.0.1\nport " + names.address().getPort() + "\n");
    }

    private HostNameResolver resolver() {
        return HostNameResolver.byDns(
                Transport.best(),
                new WatchedFile<>(hosts, HostsFile::parse)::get,
                new WatchedFile<>(resolvConf, HostConfiguration::resolverSettings)::get,
                hasIpv6::get,
                REFRESH.toNanos());
    }

    private NettyConnectorBuilder connector() {
        return NettyConnector.builder().nameLookup(resolver());
    }

    private ConnectorRig rig() {
        return new ConnectorRig(connector());
    }

    private static String remote(ConnectorRig rig, String host, int port) throws Exception {
        InetAddress address =
                ConnectorRig.remoteOf(rig.dial("test", host, port).link()).getAddress();
        return address.getHostAddress();
    }
}
