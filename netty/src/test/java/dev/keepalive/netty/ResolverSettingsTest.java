package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is read from the text of a resolv.conf. */
class ResolverSettingsTest {
    private static final InetSocketAddress OWN = new InetSocketAddress("127.0.0.1", 53);

    @Test
    void serversDomainsAndOptionsAreRead() {
        ResolverSettings settings = parse(
                """
                # a comment
                ; another
                domain first.test
                nameserver 10.0.0.1
                nameserver\tfd00::1   # a comment behind
                search  One.test. two.test
                options ndots:2 timeout:3 attempts:4 rotate edns0
                sortlist 10.0.0.0
                """);

        assertThat(settings.servers())
                .containsExactly(new InetSocketAddress("10.0.0.1", 53), new InetSocketAddress("fd00::1", 53));
        assertThat(settings.searchDomains()).containsExactly("one.test", "two.test");
        assertThat(settings.dots()).isEqualTo(2);
        assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.attempts()).isEqualTo(4);
        assertThat(settings.rotate()).isTrue();
    }

    @Test
    void withoutAServerThatOfTheHostIsAsked() {
        assertThat(parse("").servers()).containsExactly(OWN);
        assertThat(parse("nameserver\nnameserver a.test\nnameserver fe80::1%nowhere\n")
                        .servers())
                .containsExactly(OWN);
    }

    @Test
    void valuesOutOfRangeAreTakenAsTheNearestAndNonsenseIsSkipped() {
        ResolverSettings settings = parse("options ndots:99 timeout:0 attempts:x\noptions attempts:100");

        assertThat(settings.dots()).isEqualTo(15);
        assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.attempts()).isEqualTo(5);
        assertThat(settings.rotate()).isFalse();
    }

    @Test
    void optionsOfTheEnvironmentComeLast() {
        ResolverSettings settings =
                ResolverSettings.parse("options timeout:3 ndots:2", " timeout:7 rotate", List.of(OWN));

        assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(settings.dots()).isEqualTo(2);
        assertThat(settings.rotate()).isTrue();
    }

    @Test
    void dotsDecideWhichNameIsLookedUpFirst() {
        ResolverSettings settings = ResolverSettings.of(OWN).withSearchDomains("one.test", "two.test");

        assertThat(settings.candidates("a")).containsExactly("a.one.test", "a.two.test", "a");
        assertThat(settings.candidates("a.b")).containsExactly("a.b", "a.b.one.test", "a.b.two.test");
        assertThat(settings.candidates("a.")).containsExactly("a");
    }

    @Test
    void serversTakeTurnsIfTheSettingsSaySo() {
        InetSocketAddress one = new InetSocketAddress("10.0.0.1", 53);
        InetSocketAddress two = new InetSocketAddress("10.0.0.2", 53);
        NameServers servers = new NameServers(parse("nameserver 10.0.0.1\nnameserver 10.0.0.2\noptions rotate"));

        assertThat(servers.inOrder(0)).containsExactly(one, two);
        assertThat(servers.inOrder(0)).containsExactly(two, one);
        assertThat(servers.inOrder(0)).containsExactly(one, two);
    }

    @Test
    void aServerThatFailedIsLastForHalfAMinute() {
        InetSocketAddress one = new InetSocketAddress("10.0.0.1", 53);
        InetSocketAddress two = new InetSocketAddress("10.0.0.2", 53);
        InetSocketAddress three = new InetSocketAddress("10.0.0.3", 53);
        NameServers servers = new NameServers(ResolverSettings.of(one, two, three));
        long begin = Long.MAX_VALUE - 1;

        servers.failed(one, begin);
        assertThat(servers.inOrder(begin)).containsExactly(two, three, one);
        servers.failed(two, begin + 10);
        assertThat(servers.inOrder(begin + 10)).containsExactly(three, one, two);
        assertThat(servers.inOrder(begin + NameServers.LAST_NANOS)).containsExactly(one, three, two);
        servers.answered(two);
        assertThat(servers.inOrder(begin + 10)).containsExactly(two, three, one);
    }

    private static ResolverSettings parse(String text) {
        return ResolverSettings.parse(text, null, List.of(OWN));
    }
}
