package dev.keepalive.machine.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.machine.History;
import dev.keepalive.machine.MachineConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A recording may be anything: a wrong length, depth or address in it is an error, and does nothing else. */
class HistoryBoundsTest {
    private static final Limits LIMITS = new Limits(1, 1, 1, 1);
    private static final MachineConfig CONFIG =
            new MachineConfig(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, false, 0);

    /** The parts of an endpoint up to its protocols. */
    private static void writeFirstParts(NumberWriter out) {
        out.text("line");
        out.text("host");
        out.number(1);
        out.text("");
        out.flag(false);
        out.text("host");
        out.text("");
    }

    private static void assertEndpointIsRefused(Consumer<NumberWriter> parts, String why) {
        NumberWriter out = new NumberWriter();
        parts.accept(out);
        NumberReader in = new NumberReader(new ByteArrayInputStream(out.take()));
        assertThatThrownBy(() -> EndpointCodec.read(in))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("not a history: " + why);
    }

    @ParameterizedTest
    @ValueSource(longs = {32_768, Integer.MAX_VALUE, 1L << 32, -1, Long.MIN_VALUE})
    void aNumberOfProtocolsThatIsTooLargeIsRefused(long protocols) {
        assertEndpointIsRefused(
                out -> {
                    writeFirstParts(out);
                    out.number(protocols);
                },
                "number of protocols " + protocols + " is not allowed: 0 to 32767");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endpointsThatAreTooDeepInOneAnotherAreRefused(boolean proxies) {
        assertEndpointIsRefused(
                out -> {
                    for (int depth = 0; depth < 100_000; depth++) {
                        writeFirstParts(out);
                        out.number(0);
                        out.flag(proxies);
                        if (!proxies) {
                            out.text("");
                            out.text("");
                            out.flag(true);
                        }
                    }
                },
                "more than 32 endpoints in one another");
    }

    @ParameterizedTest
    @ValueSource(strings = {"name.example", "localhost", "256.1.1.1", "1.2.3", "1.2.3.4.5", "1.2.3.4 ", "١.2.3.4"})
    void aLocalAddressThatIsNotNumericIsRefusedWithoutALookup(String address) {
        assertEndpointIsRefused(out -> writeWithLocalAddress(out, address), "a local address that is not numeric");
    }

    @ParameterizedTest
    @ValueSource(strings = {"name:1", "::1::", "fe80::1%no-such-interface"})
    void aLocalAddressThatLooksLikeIpv6IsRefusedWithoutALookup(String address) {
        assertEndpointIsRefused(
                out -> writeWithLocalAddress(out, address), "a local address that this host cannot have");
    }

    private static void writeWithLocalAddress(NumberWriter out, String address) {
        writeFirstParts(out);
        out.number(0);
        out.flag(false);
        out.text("");
        out.text(address);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "127.0.0.1", "255.255.255.255", "::1", "2001:db8::1"})
    void aLocalAddressThatIsNumericIsRead(String address) throws IOException {
        Endpoint endpoint = Endpoint.of("line", "host", 1).withLocalAddress(InetAddress.getByName(address));
        NumberWriter out = new NumberWriter();
        EndpointCodec.write(out, endpoint);
        assertThat(EndpointCodec.read(new NumberReader(new ByteArrayInputStream(out.take()))))
                .isEqualTo(endpoint);
    }

    @Test
    void aTextThatIsTooLongIsRefusedBeforeItIsRead() {
        assertEndpointIsRefused(
                out -> out.number(1L << 40), "length of a text 1099511627776 is not allowed: 0 to 65536");
    }

    @Test
    void aNumberThatIsNoCharacterOrPortIsRefused() {
        assertEndpointIsRefused(
                out -> {
                    out.number(1);
                    out.number(65_536 + 'x');
                },
                "character 65656 is not allowed: 0 to 65535");
        assertEndpointIsRefused(
                out -> {
                    out.text("line");
                    out.text("host");
                    out.number((1L << 32) + 80);
                },
                "port 4294967376 is not allowed: 0 to 65535");
    }

    /** With such a time, a machine would look at the same thing at the same moment for ever. */
    @Test
    void aTimeThatIsNotPositiveIsRefused() {
        byte[] header = new HistoryWriter(LIMITS, CONFIG).take();
        for (int i = 0; i < 14; i++) {
            byte[] changed = header.clone();
            changed[5 + i] = 0;
            assertThatThrownBy(() -> new HistoryReader(new ByteArrayInputStream(changed)))
                    .as("number " + i)
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessageMatching("not a history: \\w+ 0 is not allowed: 1 to " + Long.MAX_VALUE);
        }
        byte[] noPercent = header.clone();
        noPercent[19] = 101;
        assertThatThrownBy(() -> new HistoryReader(new ByteArrayInputStream(noPercent)))
                .hasMessage("not a history: unprovenPercent 101 is not allowed: 1 to 100");
    }

    @Test
    void aHistoryOfManyEndpointsIsReadOneByOne() throws IOException {
        HistoryWriter writer = new HistoryWriter(LIMITS, CONFIG);
        for (int i = 1; i <= 1000; i++) {
            writer.endpoint(i, Endpoint.of("line", "host", i));
        }
        assertThat(new HistoryReader(new ByteArrayInputStream(writer.take())).next(History.NONE))
                .isNull();
    }
}
