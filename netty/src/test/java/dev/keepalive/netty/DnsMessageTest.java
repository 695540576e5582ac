package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Messages that a name server may send. */
class DnsMessageTest {
    @Test
    void aQueryAsksForRecursion() {
        byte[] query = DnsMessage.query(0x1234, new DnsMessage.Question("A.test", DnsMessage.AAAA));

        assertThat(query)
                .containsExactly(
                        0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 4, 't', 'e', 's', 't', 0, 0, 28, 0, 1);
    }

    @Test
    void bytesOfANameThatAHostCannotHaveAreMadeVisible() {
        byte[] target = {3, 'a', '.', (byte) 0xff, 1, '\\', 0};
        DnsMessage answer = DnsMessage.parse(query().answer(OddNameServer.PLAIN, OddNameServer.record(5, 1, target)));

        assertThat(answer.records().get(0).alias()).isEqualTo("a\\046\\255.\\092");
        assertThat(DnsMessage.isName("a\\046")).isFalse();
    }

    @Test
    void whateverTheBytesAreTheyAreReadOrRefused() {
        Random random = new Random(1);
        byte[] valid = query().answer(
                        OddNameServer.PLAIN,
                        OddNameServer.alias("b.test"),
                        OddNameServer.address("b.test", "10.0.0.1"),
                        OddNameServer.address("10.0.0.2"));
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = Arrays.copyOf(valid, 1 + random.nextInt(valid.length));
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                DnsMessage.parse(bytes);
                read++;
            } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage()).isNotEmpty();
            }
        }
        assertThat(read).isPositive();
    }

    @Test
    void theLargestMessageOfLongNamesIsReadAtOnce() {
        // Each record points to a name of 253 bytes, through as many pointers as are allowed.
        byte[] record = OddNameServer.record(5, 1, new byte[] {(byte) 0xc0, 12});
        byte[][] records = new byte[4_000][];
        Arrays.fill(records, record);
        String label = "x".repeat(60);
        String name = String.join(".", label, label, label, label);
        byte[] query = DnsMessage.query(1, new DnsMessage.Question(name, DnsMessage.A));

        DnsMessage answer = DnsMessage.parse(
                new OddNameServer.Query(query, true, name, DnsMessage.A).answer(OddNameServer.PLAIN, records));

        assertThat(answer.records()).hasSize(4_000);
        assertThat(answer.records().get(3_999).alias()).isEqualTo(name);
    }

    private static OddNameServer.Query query() {
        byte[] query = DnsMessage.query(1, new DnsMessage.Question("a.test", DnsMessage.A));
        return new OddNameServer.Query(query, false, "a.test", DnsMessage.A);
    }
}
