package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * When an address search reports which addresses. The test moves the clock of the event loop, and the resolvers answer
 * when the test says so.
 */
class AddressSearchTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final FakeResolver six = new FakeResolver().stuck("a.test");
    private final FakeResolver four = new FakeResolver().stuck("a.test");
    private final List<String> calls = new ArrayList<>();

    AddressSearchTest() {
        loop.freezeTime();
    }

    @AfterEach
    void close() {
        loop.finishAndReleaseAll();
    }

    @Test
    void bothFamiliesAreLookedUpAtOnceAndIpv6IsReportedAsSoonAsItIsKnown() throws Exception {
        begin(true);
        six.nextStuck().answer("fd00::1");
        advance(0);
        assertThat(calls).containsExactly("found [fd00::1]");

        four.nextStuck().answer("10.0.0.1");
        advance(0);
        assertThat(calls).containsExactly("found [fd00::1]", "found [10.0.0.1]", "ended");
    }

    @Test
    void ipv4WaitsForIpv6ButNotForLong() throws Exception {
        begin(true);
        four.nextStuck().answer("10.0.0.1");
        advance(0);
        advance(49);
        assertThat(calls).isEmpty();
        advance(1);
        assertThat(calls).containsExactly("found [10.0.0.1]");

        six.nextStuck().answer("fd00::1");
        advance(0);
        assertThat(calls).containsExactly("found [10.0.0.1]", "found [fd00::1]", "ended");
    }

    @Test
    void ipv6ThatComesInTimeIsReportedTogetherWithIpv4() throws Exception {
        begin(true);
        four.nextStuck().answer("10.0.0.1");
        advance(10);
        six.nextStuck().answer("fd00::1");
        advance(0);

        assertThat(calls).containsExactly("found [10.0.0.1, fd00::1]", "ended");
    }

    @Test
    void ipv4WaitsNoLongerWhenThereIsNoIpv6() throws Exception {
        begin(true);
        four.nextStuck().answer("10.0.0.1");
        advance(10);
        six.nextStuck().fail(new UnknownHostException("a.test"));
        advance(0);

        assertThat(calls).containsExactly("found [10.0.0.1]", "ended");
    }

    @Test
    void ifIpv4WonTheLastTimeIpv6WaitsForIpv4() throws Exception {
        begin(false);
        six.nextStuck().answer("fd00::1");
        advance(10);
        assertThat(calls).isEmpty();
        four.nextStuck().answer("10.0.0.1");
        advance(0);

        assertThat(calls).containsExactly("found [fd00::1, 10.0.0.1]", "ended");
    }

    @Test
    void anUnknownNameIsReportedBeforeAnUnexpectedErrorOfTheOtherFamily() throws Exception {
        AddressSearch search = begin(true);
        six.nextStuck().fail(new UnknownHostException("a.test"));
        four.nextStuck().fail(new IllegalStateException("no idea"));
        advance(0);

        assertThat(calls).containsExactly("ended");
        assertThat(search.failure("a.test").errorNumber()).isEqualTo(-2);
        assertThat(search.failure("a.test").getSuppressed()).hasSize(1);
    }

    @Test
    void aStoppedSearchCallsItsListenerNoMore() throws Exception {
        AddressSearch search = begin(true);
        four.nextStuck().answer("10.0.0.1");
        advance(10);
        search.stop();
        six.nextStuck().answer("fd00::1");
        advance(100);

        assertThat(calls).isEmpty();
    }

    private AddressSearch begin(boolean sixPreferred) {
        AddressSearch search = new AddressSearch(
                HostNameResolver.by(List.of(six, four)),
                loop.eventLoop(),
                sixPreferred,
                PATIENCE,
                new AddressSearch.Listener() {
                    @Override
                    public void found(List<InetAddress> addresses) {
                        calls.add("found "
                                + addresses.stream()
                                        .map(address -> address.getHostAddress().replace(":0:0:0:0:0:0:", "::"))
                                        .toList());
                    }

                    @Override
                    public void ended() {
                        calls.add("ended");
                    }
                });
        search.begin("a.test");
        advance(0);
        return search;
    }

    private void advance(int millis) {
        loop.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        loop.runScheduledPendingTasks();
        loop.runPendingTasks();
    }
}
