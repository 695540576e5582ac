package dev.keepalive.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.ConnectException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each fault, as a client sees it and as the server counts it. */
class ChaosFaultTest {
    private static final String REQUEST = "4294967297\n";
    private static final String REPLY = "4294967297 1 1 REPLY\n";

    @Test
    void aSlowAnswerIsTheAnswer() throws Exception {
        assertThat(conversation(ChaosFault.SLOW)).startsWith(REPLY);
    }

    @Test
    void aStallKeepsTheConnectionOpen() throws Exception {
        staysOpenAndSilent(ChaosFault.STALL);
    }

    @Test
    void aMuteServerKeepsTheConnectionOpen() throws Exception {
        staysOpenAndSilent(ChaosFault.MUTE);
    }

    @Test
    void aResetComesWithTheAnswerOrWithoutIt() throws Exception {
        assertThat(conversation(ChaosFault.RESET)).matches("(" + REPLY + ")?reset");
    }

    @Test
    void aHalfClosedConnectionEndsAfterTheAnswerAndCountsUntilTheClientCloses() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(ChaosFault.HALF_CLOSE, 10, 10)) {
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
        assertThat(conversation(ChaosFault.CLOSE)).isEqualTo(REPLY + "closed");
    }

    @Test
    void aCutAnswerIsNeverAWholeLine() throws Exception {
        String cut = conversation(ChaosFault.CUT_ANSWER);
        assertThat(cut).endsWith(cut.endsWith("closed") ? "closed" : "reset");
        String text = cut.replaceAll("closed|reset", "");
        assertThat(REPLY).startsWith(text);
        assertThat(text).doesNotContain("\n");
        assertThat(ServerLine.parse(text)).isNull();
    }

    @Test
    void aDuplicateFollowsItsAnswer() throws Exception {
        assertThat(twoLines(ChaosFault.DUPLICATE)).containsExactly(REPLY, "4294967297 1 1 DUPLICATE\n");
    }

    @Test
    void aRequestAfterHalfALineIsFound() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(ChaosFault.HALF_LINE, 10, 10);
                ClientSocket client = rig.connect(0)) {
            assertThat(client.send(REQUEST).read()).isEqualTo(REPLY);
            await().until(client::hasArrived);
            assertThat(rig.findings.list()).isEmpty();

            client.send("4294967298\n");

            await().until(() -> !rig.findings.isEmpty());
            assertThat(rig.findings.list())
                    .singleElement()
                    .asString()
                    .contains("was leased again with half a line in it");
        }
    }

    @Test
    void aLateDuplicateFollowsItsAnswer() throws Exception {
        assertThat(twoLines(ChaosFault.LATE_DUPLICATE)).containsExactly(REPLY, "4294967297 1 1 LATE\n");
    }

    @Test
    void anUnaskedLineIsMarkedAsUnasked() throws Exception {
        assertThat(twoLines(ChaosFault.UNASKED)).containsExactly(REPLY, "0 1 1 UNASKED\n");
    }

    @Test
    void aGreetingComesBeforeTheAnswer() throws Exception {
        assertThat(twoLines(ChaosFault.GREET)).containsExactly("0 1 0 UNASKED\n", REPLY);
    }

    @Test
    void aClientThatIsClosedAtOnceReadsNothing() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(ChaosFault.CLOSE_AT_ONCE, 10, 10);
                ClientSocket client = rig.connect(0)) {
            assertThat(client.readEnd()).isIn("closed", "reset");
            assertThat(rig.server.faults()).containsEntry(ChaosFault.CLOSE_AT_ONCE, 1L);
            assertThat(rig.open(0)).isZero();
        }
    }

    @Test
    void aClosedListenerRefusesAndReopensAtTheSamePort() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(ChaosFault.REFUSE, 10, 10)) {
            await().until(() -> !connects(rig));
            await().until(() -> connects(rig));
            assertThat(rig.server.faults().get(ChaosFault.REFUSE)).isPositive();
        }
    }

    private static boolean connects(ChaosServerRig rig) throws Exception {
        try (ClientSocket client = rig.connect(0)) {
            return true;
        } catch (ConnectException refused) {
            return false;
        }
    }

    /** Sends a request and reads to the end; for SLOW, which does not end, to the end of the line. */
    private static String conversation(ChaosFault fault) throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(fault, 10, 10);
                ClientSocket client = rig.connect(0)) {
            client.send(REQUEST);
            String said = fault == ChaosFault.SLOW ? client.read() : client.readAll();
            assertThat(rig.server.faults()).containsEntry(fault, 1L);
            assertThat(rig.findings.list()).isEmpty();
            return said;
        }
    }

    private static List<String> twoLines(ChaosFault fault) throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(fault, 10, 10);
                ClientSocket client = rig.connect(0)) {
            client.send(REQUEST);
            List<String> lines = List.of(client.read(), client.read());
            assertThat(rig.server.faults()).containsEntry(fault, 1L);
            assertThat(rig.findings.list()).isEmpty();
            return lines;
        }
    }

    private static void staysOpenAndSilent(ChaosFault fault) throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(fault, 10, 10)) {
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
