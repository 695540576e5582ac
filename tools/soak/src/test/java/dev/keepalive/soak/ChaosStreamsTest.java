package dev.keepalive.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.soak.StreamFrame.Kind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the server says and finds on a connection with streams. */
class ChaosStreamsTest {
    @Test
    void requestsAreAnsweredByStream() throws Exception {
        try (ChaosServerRig rig = rig(null);
                ClientSocket client = rig.connect(0)) {
            assertThat(client.readFrame()).isEqualTo(new StreamFrame(0, Kind.SETTINGS, "3"));
            client.send(obeyedAt(10)).send(request(2, 21)).send(request(1, 11));
            assertThat(client.readFrame()).isEqualTo(answer(2, "21 1 1 REPLY"));
            assertThat(client.readFrame()).isEqualTo(answer(1, "11 1 2 REPLY"));
            assertThat(rig.findings.list()).isEmpty();
        }
    }

    @Test
    void oneLeaseTooManyIsFound() throws Exception {
        try (ChaosServerRig rig = rig(ChaosFault.STALL);
                ClientSocket client = rig.connect(0)) {
            client.readFrame();
            client.send(obeyedAt(10)).send(request(1, 11)).send(request(3, 31));
            await().until(() -> rig.server.faults().get(ChaosFault.STALL) == 2);
            assertThat(rig.findings.list()).isEmpty();
            client.send(request(4, 41));
            assertThat(rig.finding()).contains("has 4 leases at one moment, where 3 are allowed, at lease 4");
        }
    }

    @Test
    void aLeaseThatHasEndedDoesNotCount() throws Exception {
        try (ChaosServerRig rig = rig(null);
                ClientSocket client = rig.connect(0)) {
            client.readFrame();
            client.send(obeyedAt(10)).send(new StreamFrame(2, Kind.END).bytes()).send(request(4, 41));
            assertThat(client.readFrame()).isEqualTo(answer(4, "41 1 1 REPLY"));
            assertThat(rig.findings.list()).isEmpty();
        }
    }

    @Test
    void aCancelledLeaseCountsUntilThatIsConfirmed() throws Exception {
        try (ChaosServerRig rig = rig(ChaosFault.UNCONFIRMED);
                ClientSocket client = rig.connect(0)) {
            client.readFrame();
            client.send(obeyedAt(10))
                    .send(new StreamFrame(2, Kind.CANCEL).bytes())
                    .send(request(4, 41));
            assertThat(rig.finding()).contains("has 4 leases at one moment, where 3 are allowed");
            assertThat(rig.server.faults()).containsEntry(ChaosFault.UNCONFIRMED, 1L);
        }
    }

    @Test
    void twoLeasesInOneStreamAreFound() throws Exception {
        try (ChaosServerRig rig = rig(null);
                ClientSocket client = rig.connect(0)) {
            client.readFrame();
            client.send(obeyedAt(10)).send(request(1, 11)).send(frame(1, "12 99 20"));
            assertThat(rig.finding()).contains("stream 1 has requests of two leases, the last one is 12");
        }
    }

    @Test
    void oneLeaseInTwoStreamsIsFound() throws Exception {
        try (ChaosServerRig rig = rig(null);
                ClientSocket client = rig.connect(0)) {
            client.readFrame();
            client.send(obeyedAt(10)).send(frame(1, "11 99 20")).send(frame(2, "12 99 20"));
            assertThat(rig.finding()).contains("has streams 1 and 2 of one lease");
        }
    }

    @Test
    void whatWasNotProcessedMayBeSentAgainAndTheRestMayNot() throws Exception {
        try (ChaosServerRig rig = rig(ChaosFault.REFUSE_STREAM);
                ClientSocket client = rig.connect(0)) {
            client.readFrame();
            client.send(obeyedAt(10)).send(request(1, 11)).send(request(2, 11));
            assertThat(client.readFrame()).isEqualTo(new StreamFrame(1, Kind.REFUSED));
            assertThat(client.readFrame()).isEqualTo(new StreamFrame(2, Kind.REFUSED));
            assertThat(rig.findings.list()).isEmpty();
        }
        try (ChaosServerRig rig = rig(ChaosFault.RESET_STREAM);
                ClientSocket client = rig.connect(0)) {
            client.readFrame();
            client.send(obeyedAt(10)).send(request(1, 11)).send(request(2, 11));
            assertThat(client.readFrame()).isEqualTo(new StreamFrame(1, Kind.RESET));
            assertThat(rig.finding()).startsWith("request 11 arrived twice");
        }
    }

    @Test
    void aServerThatGoesAwayProcessesNothingMore() throws Exception {
        try (ChaosServerRig rig = rig(ChaosFault.GO_AWAY);
                ClientSocket client = rig.connect(0)) {
            client.readFrame();
            client.send(obeyedAt(10)).send(request(1, 11)).send(request(2, 11));
            assertThat(client.readFrame()).isEqualTo(new StreamFrame(0, Kind.GO_AWAY));
            client.send(frame(3, "nonsense"));
            assertThat(rig.finding()).contains("nonsense"); // the first of them
        }
    }

    @Test
    void theNumberOfStreamsChanges() throws Exception {
        try (ChaosServerRig rig = rig(ChaosFault.SETTINGS);
                ClientSocket client = rig.connect(0)) {
            for (int i = 0; i < 5; i++) {
                StreamFrame said = client.readFrame();
                assertThat(said.kind()).isEqualTo(Kind.SETTINGS);
                assertThat(Integer.parseInt(said.text())).isBetween(0, EndpointKind.MUX.mostLeases());
            }
        }
    }

    @Test
    void thereIsNoRoomForAMomentOnly() throws Exception {
        try (ChaosServerRig rig = rig(ChaosFault.NO_ROOM);
                ClientSocket client = rig.connect(0)) {
            StreamFrame said = client.readFrame();
            while (!said.text().equals("0")) {
                said = client.readFrame();
            }
            assertThat(Integer.parseInt(client.readFrame().text())).isPositive();
        }
    }

    @Test
    void whatNoClientSendsIsFound() throws Exception {
        try (ChaosServerRig rig = rig(null);
                ClientSocket client = rig.connect(0)) {
            byte[] wrong = request(1, 11);
            wrong[wrong.length - 1]++;
            client.send(wrong);
            assertThat(rig.finding()).contains("brought what no client sends: ").contains("wrong checksum");
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(EndpointKind.PIPE, ChaosFault.SLOW, 10, 10);
                ClientSocket client = rig.connect(0)) {
            client.send("4294967297 1\n4294967298 2\n4294967299 3\n4294967300 1\n");
            assertThat(client.read()).isEqualTo("4294967297 1 1 REPLY\n");
            assertThat(client.read()).isEqualTo("4294967298 1 2 REPLY\n");
            assertThat(client.read()).isEqualTo("4294967299 1 3 REPLY\n");
            assertThat(client.read()).isEqualTo("4294967300 1 4 REPLY\n");
            assertThat(rig.findings.list()).isEmpty();
        }
    }

    @Test
    void oneLeaseTooManyInAPipelineIsFound() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(EndpointKind.PIPE, ChaosFault.STALL, 10, 10);
                ClientSocket client = rig.connect(0)) {
            client.send("4294967297 1\n4294967298 2\n4294967299 3\n4294967300 4\n");
            assertThat(rig.finding())
                    .contains("has unanswered requests of 4 leases at one moment, where 3 are allowed");
        }
    }

    @Test
    void afterALineTooMuchAPipelineIsSilent() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(EndpointKind.PIPE, ChaosFault.UNASKED, 10, 10);
                ClientSocket client = rig.connect(0)) {
            client.send("4294967297 1\n");
            assertThat(client.read()).isEqualTo("4294967297 1 1 REPLY\n");
            assertThat(client.read()).isEqualTo("0 1 1 UNASKED\n");
            client.send("4294967298 1\n").finish();
            assertThat(client.readEnd()).isEqualTo("closed");
        }
    }

    private static ChaosServerRig rig(@Nullable ChaosFault fault) throws Exception {
        return new ChaosServerRig(EndpointKind.MUX, fault, 10, 10);
    }

    /** A request of a lease of its own, whose acquire began at 20. */
    private static byte[] request(int stream, long request) {
        return frame(stream, request + " " + (100 + stream) + " 20");
    }

    private static byte[] frame(int stream, String request) {
        return new StreamFrame(stream, Kind.REQUEST, request).bytes();
    }

    private static byte[] obeyedAt(long nanos) {
        return new StreamFrame(0, Kind.ACK, String.valueOf(nanos)).bytes();
    }

    private static StreamFrame answer(int stream, String line) {
        return new StreamFrame(stream, Kind.ANSWER, line);
    }
}
