package dev.keepalive.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.ConnectException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each fault, as a client sees it and as the server counts it. */
class FaultTest {
    private static final String REQUEST = "4294967297\n";
    private static final String REPLY = "4294967297 1 1 REPLY\n";

    @Test
    void aSlowAnswerIsTheAnswer() throws Exception {
        assertThat(conversation(Fault.SLOW)).startsWith(REPLY);
    }

    @Test
    void aStallKeepsTheConnectionOpen() throws Exception {
        staysOpenAndSilent(Fault.STALL);
    }

    @Test
    void aMuteServerKeepsTheConnectionOpen() throws Exception {
        staysOpenAndSilent(Fault.MUTE);
    }

    @Test
    void aResetComesWithTheAnswerOrWithoutIt() throws Exception {
        assertThat(conversation(Fault.RESET)).matches("(" + REPLY + ")?reset");
    }

    @Test
    void aHalfClosedConnectionEndsAfterTheAnswerAndCountsUntilTheClientCloses() throws Exception {
        try (ServerRig rig = new ServerRig(Fault.HALF_CLOSE, 10, 10)) {
            try (ClientSocket client = rig.connect(0)) {
                assertThat(client.send(REQUEST).read()).isEqualTo(REPLY);
                assertThat(client.readEnd()).isEqualTo("closed");
                assertThat(rig.open(0)).isOne();
            }
            await().until(() -> rig.open(0) == 0);
        }
    }

    @Test
    void aCloseComesAfterTheAnswer() throws Exception {
        assertThat(conversation(Fault.CLOSE)).isEqualTo(REPLY + "closed");
    }

    @Test
    void aCutAnswerIsNeverAWholeLine() throws Exception {
        String cut = conversation(Fault.CUT);
        assertThat(cut).endsWith(cut.endsWith("closed") ? "closed" : "reset");
        String text = cut.replaceAll("closed|reset", "");
        assertThat(REPLY).startsWith(text);
        assertThat(text).doesNotContain("\n");
        assertThat(Line.parse(text)).isNull();
    }

    @Test
    void aTwinFollowsItsAnswer() throws Exception {
        assertThat(twoLines(Fault.TWIN)).containsExactly(REPLY, "4294967297 1 1 TWIN\n");
    }

    @Test
    void halfALineFollowsATornAnswerAndAnotherRequestIsFound() throws Exception {
        try (ServerRig rig = new ServerRig(Fault.TORN, 10, 10);
                ClientSocket client = rig.connect(0)) {
            assertThat(client.send(REQUEST).read()).isEqualTo(REPLY);
            await().until(client::hasArrived);
            assertThat(rig.findings.list()).isEmpty();

            client.send("4294967298\n");

            await().until(() -> !rig.findings.isEmpty());
            assertThat(rig.findings.list()).singleElement().asString().contains("was handed on with half a line in it");
        }
    }

    @Test
    void aLateTwinFollowsItsAnswer() throws Exception {
        assertThat(twoLines(Fault.LATE_TWIN)).containsExactly(REPLY, "4294967297 1 1 LATE\n");
    }

    @Test
    void aServerThatSpeaksOutOfTurnSaysThatNobodyAsked() throws Exception {
        assertThat(twoLines(Fault.SPEAK)).containsExactly(REPLY, "0 1 1 UNASKED\n");
    }

    @Test
    void aGreetingComesBeforeTheAnswer() throws Exception {
        assertThat(twoLines(Fault.GREET)).containsExactly("0 1 0 UNASKED\n", REPLY);
    }

    @Test
    void whoIsShutOutReadsNothing() throws Exception {
        try (ServerRig rig = new ServerRig(Fault.SHUT_OUT, 10, 10);
                ClientSocket client = rig.connect(0)) {
            assertThat(client.readEnd()).isIn("closed", "reset");
            assertThat(rig.server.faults()).containsEntry(Fault.SHUT_OUT, 1L);
            assertThat(rig.open(0)).isZero();
        }
    }

    @Test
    void aDoorThatIsShutRefusesAndOpensAgainAtTheSamePort() throws Exception {
        try (ServerRig rig = new ServerRig(Fault.REFUSE, 10, 10)) {
            await().until(() -> !connects(rig));
            await().until(() -> connects(rig));
            assertThat(rig.server.faults().get(Fault.REFUSE)).isPositive();
        }
    }

    private static boolean connects(ServerRig rig) throws Exception {
        try (ClientSocket client = rig.connect(0)) {
            return true;
        } catch (ConnectException refused) {
            return false;
        }
    }

    /** Sends a request, and reads to the end; for SLOW, which does not end, to the end of the line. */
    private static String conversation(Fault fault) throws Exception {
        try (ServerRig rig = new ServerRig(fault, 10, 10);
                ClientSocket client = rig.connect(0)) {
            client.send(REQUEST);
            String said = fault == Fault.SLOW ? client.read() : client.readAll();
            assertThat(rig.server.faults()).containsEntry(fault, 1L);
            assertThat(rig.findings.list()).isEmpty();
            return said;
        }
    }

    private static List<String> twoLines(Fault fault) throws Exception {
        try (ServerRig rig = new ServerRig(fault, 10, 10);
                ClientSocket client = rig.connect(0)) {
            client.send(REQUEST);
            List<String> lines = List.of(client.read(), client.read());
            assertThat(rig.server.faults()).containsEntry(fault, 1L);
            assertThat(rig.findings.list()).isEmpty();
            return lines;
        }
    }

    private static void staysOpenAndSilent(Fault fault) throws Exception {
        try (ServerRig rig = new ServerRig(fault, 10, 10)) {
            try (ClientSocket client = rig.connect(0)) {
                client.send(REQUEST);
                await().until(() -> rig.server.faults().get(fault) == 1);
                assertThat(rig.open(0)).isOne();
                assertThat(client.hasArrived()).isFalse();
            }
            await().until(() -> rig.open(0) == 0);
        }
    }
}
