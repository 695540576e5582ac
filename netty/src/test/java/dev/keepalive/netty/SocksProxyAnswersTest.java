package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.spi.DialException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which a SOCKS5 proxy may answer. */
class SocksProxyAnswersTest extends ProxyAnswersRig {
    private ScriptedServer.Peer socksPeer(boolean withUser) throws Exception {
        ScriptedServer.Peer peer = proxy.accept();
        assertThat(read(peer, withUser ? 4 : 3)).isEqualTo(withUser ? new byte[] {5, 2, 0, 2} : new byte[] {5, 1, 0});
        return peer;
    }

    private static void readRequest(ScriptedServer.Peer peer) throws Exception {
        byte[] request = read(peer, 4 + 1 + 11 + 2);
        assertThat(new String(request, StandardCharsets.ISO_8859_1)).isEqualTo("\5\1\0\3\13target.test\0Q");
    }

    static List<int[]> odd() {
        int[] longName = new int[5 + 255 + 2];
        longName[0] = 5;
        longName[3] = 3;
        longName[4] = 255;
        return List.of(
                new int[] {5, 0, 0, 1, 127, 0, 0, 1, 0, 80},
                new int[] {5, 0, 0, 3, 0, 0, 80},
                new int[] {5, 0, 9, 3, 1, 'x', 0, 80},
                longName,
                new int[] {5, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80});
    }

    @ParameterizedTest
    @MethodSource("odd")
    void everyAddressOfAReplyIsReadWholeAndWhatFollowsItIsTheTargets(int[] reply) throws Exception {
        for (boolean inPieces : List.of(false, true)) {
            RecordingEvents events = dialThrough(socksProxy);
            events.leased = true;
            ScriptedServer.Peer peer = socksPeer(false);
            send(peer, 5, 0);
            readRequest(peer);
            if (inPieces) {
                for (int value : reply) {
                    send(peer, value);
                }
            } else {
                send(peer, reply);
            }
            peer.send("220 hello\r\n");

            assertGreets(events);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'\0Z', which is not SOCKS5",
        "'\4', which is not SOCKS5",
        "'HTTP/1.1 400 Bad Request', '\"HTTP/1.1 400 Bad Request\", which is not SOCKS5'",
        "'\5\177', chose method 127",
        "'\5\2', chose method 2",
        "'\5\377', accepts no method"
    })
    void anOddChoiceOfTheMethodFailsTheDialAtOnce(String answer, String expected) throws Exception {
        RecordingEvents events = dialThrough(socksProxy);
        ScriptedServer.Peer peer = socksPeer(false);
        send(peer, answer.chars().toArray());

        DialException failure = events.failure();

        assertNamesTheProxy(failure, socksProxy);
        assertThat(failure.text()).contains(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "'\5\2', not allowed by the ruleset",
        "'\5\5', connection refused",
        "'\5\143', an unknown code",
        "'\0Z', which is not SOCKS5",
        "'\4', which is not SOCKS5",
        "'\5\0\0\2x', an address of type 2"
    })
    void anOddReplyFailsTheDialAtOnce(String answer, String expected) throws Exception {
        RecordingEvents events = dialThrough(socksProxy);
        ScriptedServer.Peer peer = socksPeer(false);
        send(peer, 5, 0);
        readRequest(peer);
        send(peer, answer.chars().toArray());

        DialException failure = events.failure();

        assertNamesTheProxy(failure, socksProxy);
        assertThat(failure.text()).contains(expected);
    }

    @Test
    void aReplyThatIsCutShortFailsTheDial() throws Exception {
        RecordingEvents events = dialThrough(socksProxy);
        ScriptedServer.Peer peer = socksPeer(false);
        send(peer, 5, 0);
        readRequest(peer);
        send(peer, 5, 0, 0, 1, 127);
        peer.finish();

        DialException failure = events.failure();

        assertNamesTheProxy(failure, socksProxy);
        assertThat(failure.text()).contains("closed the connection in the middle of its answer");
    }

    @Test
    void userAndPasswordAreSentToASocksProxyInUtf8() throws Exception {
        RecordingEvents events = dialThrough(socksProxy.withCredentials("me"));
        ScriptedServer.Peer peer = socksPeer(true);
        send(peer, 5, 2);
        byte[] user = "müller".getBytes(StandardCharsets.UTF_8);
        byte[] password = "påss".getBytes(StandardCharsets.UTF_8);
        assertThat(read(peer, 1)).containsExactly(1);
        assertThat(read(peer, 1 + user.length)).startsWith(user.length).endsWith(user);
        assertThat(read(peer, 1 + password.length)).startsWith(password.length).endsWith(password);
        send(peer, 1, 0);
        readRequest(peer);
        send(peer, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0);
        events.link();
    }

    @Test
    void aRefusedUserFailsTheDialAtOnce() throws Exception {
        RecordingEvents events = dialThrough(socksProxy.withCredentials("me"));
        ScriptedServer.Peer peer = socksPeer(true);
        send(peer, 5, 2);
        read(peer, 1);
        send(peer, 1, 1);

        DialException failure = events.failure();

        assertNamesTheProxy(failure, socksProxy.withCredentials("me"));
        assertThat(failure.text())
                .contains("refused the authentication", "status 1")
                .doesNotContain("påss");
    }
}
