package dev.keepalive.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the server finds about clients that keep the rules and clients that break them. */
class ChaosServerTest {
    @Test
    void withoutFaultsEachRequestIsAnsweredWithItsOwnNumber() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(10, 10);
                ClientSocket first = rig.connect(0);
                ClientSocket second = rig.connect(0)) {
            assertThat(first.send("4294967297\n").read()).isEqualTo("4294967297 1 1 REPLY\n");
            assertThat(second.send("4294967298\n").read()).isEqualTo("4294967298 2 1 REPLY\n");
            assertThat(first.send("4294967299\n").read()).isEqualTo("4294967299 1 2 REPLY\n");
            assertThat(rig.findings.list()).isEmpty();
        }
    }

    @Test
    void theHighWaterMarkIsTheMostConnectionsOpenAtOneMoment() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(10, 10, 10)) {
            List<ClientSocket> clients = new ArrayList<>();
            for (int index : new int[] {0, 0, 0, 1}) {
                clients.add(rig.connect(index));
                rig.server.open();
            }
            await().until(() -> rig.open(0) == 3 && rig.open(1) == 1);
            for (ClientSocket client : clients) {
                client.close();
            }
            await().until(() -> rig.open(0) == 0 && rig.open(1) == 0);
            rig.connect(1).close();

            assertThat(rig.highWater()).isEqualTo("4/10 [3/10, 1/10]");
            assertThat(rig.findings.list()).isEmpty();
        }
    }

    @Test
    void oneConnectionMoreThanTheEndpointLimitIsFound() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(10, 2, 10);
                ClientSocket first = rig.connect(0);
                ClientSocket second = rig.connect(0);
                ClientSocket other = rig.connect(1)) {
            await().until(() -> rig.open(0) == 2 && rig.open(1) == 1);
            assertThat(rig.findings.list()).isEmpty();

            try (ClientSocket third = rig.connect(0)) {
                await().until(() -> !rig.findings.isEmpty());
            }

            assertThat(rig.findings.list())
                    .singleElement()
                    .asString()
                    .startsWith("listener 0: 3 connections open at one moment, where 2 are allowed");
            assertThat(rig.highWater()).isEqualTo("4/10 [3/2, 1/10]");
        }
    }

    @Test
    void oneConnectionMoreThanTheTotalLimitIsFound() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(1, 10, 10);
                ClientSocket first = rig.connect(0)) {
            await().until(() -> rig.open(0) == 1);
            try (ClientSocket second = rig.connect(1)) {
                await().until(() -> !rig.findings.isEmpty());
            }
            assertThat(rig.findings.list())
                    .singleElement()
                    .asString()
                    .startsWith("all: 2 connections open at one moment, where 1 are allowed");
        }
    }

    @Test
    void aClientThatClosesBeforeItOpensIsNeverCountedTwice() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(1, 1)) {
            for (int i = 0; i < 2000; i++) {
                rig.connect(0).close();
            }
            await().until(() -> rig.open(0) == 0);

            assertThat(rig.findings.list()).isEmpty();
        }
    }

    @Test
    void aConnectionThatIsReusedBeforeTheAnswerIsFound() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(ChaosFault.STALL, 10, 10);
                ClientSocket client = rig.connect(0)) {
            client.send("4294967297\n").send("4294967298\n");
            await().until(() -> !rig.findings.isEmpty());

            assertThat(rig.findings.list())
                    .singleElement()
                    .asString()
                    .contains("was leased again while request 4294967297 had no answer; it now brought request 429496");
        }
    }

    @Test
    void aRequestThatArrivesTwiceIsFound() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(10, 10);
                ClientSocket first = rig.connect(0);
                ClientSocket second = rig.connect(0)) {
            first.send("4294967297\n").read();
            second.send("4294967297\n").read();

            assertThat(rig.findings.list()).singleElement().asString().startsWith("request 4294967297 arrived twice");
        }
    }

    @Test
    void theServerIsNotToBlameWithoutAFault() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(10, 10);
                ClientSocket client = rig.connect(0)) {
            client.send("4294967297\n").read();
            assertThat(rig.server.isToBlame(rig.endpoint(0), client.port())).isFalse();
        }
    }

    @Test
    void theServerIsToBlameAfterAFault() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(ChaosFault.CLOSE, 10, 10);
                ClientSocket client = rig.connect(0)) {
            client.send("4294967297\n").readEnd();
            assertThat(rig.server.isToBlame(rig.endpoint(0), client.port())).isTrue();
        }
    }

    @Test
    void anInvalidRequestIsFound() throws Exception {
        try (ChaosServerRig rig = new ChaosServerRig(10, 10);
                ClientSocket client = rig.connect(0)) {
            client.send("42949x\n");
            await().until(() -> !rig.findings.isEmpty());
            assertThat(rig.findings.list())
                    .singleElement()
                    .asString()
                    .contains("brought '42949x', which no client sends");
        }
    }
}
