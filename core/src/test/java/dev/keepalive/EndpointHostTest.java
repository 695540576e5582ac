package dev.keepalive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The spellings of hosts: each is refused, or has one meaning and is one endpoint. */
class EndpointHostTest {
    private static Endpoint at(String host) {
        return Endpoint.of("tcp", host, 1);
    }

    // ---- IPv4

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.010",
                "127.0.0.08",
                "0127.0.0.1",
                "00.0.0.0",
                "127.0.0.0x1",
                "0x7f.0.0.1",
                "0x7f000001",
                "0X7F000001",
                "127.0.0.0x",
                "2130706433",
                "127.1",
                "127.0.1",
                "1.2.3.4.5",
                "127.0.0.1.",
                "127.0.0.256",
                "127.0.0.",
                "127..0.1",
                "1",
                "example.1",
                "example.0x1f.",
                "\u0661.2.3.4",
                "[127.0.0.1]"
            })
    void aSpellingOfAnIpv4AddressThatProgramsReadDifferentlyIsRefused(String host) {
        assertThatThrownBy(() -> at(host))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not allowed");
        assertThatThrownBy(() -> Endpoint.parse("tcp://" + host + ":1")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theRefusalSaysHowAnAddressIsWritten() {
        assertThatThrownBy(() -> at("127.0.0.010"))
                .hasMessage("host '127.0.0.010' is not allowed: an IPv4 address is four decimal numbers, 0 to 255,"
                        + " without leading zeros");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.\uff11, 127.0.0.1",
        "127\u30020\uff0e0\uff611, 127.0.0.1",
        "::ffff:127.0.0.1, 127.0.0.1",
        "::FFFF:7f00:1, 127.0.0.1",
        "[::ffff:127.0.0.1], 127.0.0.1",
        "::ffff:127.0.0.1%lo, 127.0.0.1",
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255"
    })
    void otherSpellingsOfAnIpv4AddressAreOneEndpoint(String host, String address) {
        assertThat(at(host)).isEqualTo(at(address));
        assertThat(at(host).host()).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.example", "a1", "0x1g", "1a", "3com.example", "a.b1", "x--1", "127.0.0.1.example"})
    void aNameThatOnlyContainsNumbersIsAName(String host) {
        assertThat(at(host).host()).isEqualTo(host);
    }

    // ---- IPv6

    @ParameterizedTest
    @CsvSource({
        "2001:DB8::1, 2001:db8:0:0:0:0:0:1",
        "2001:0db8:0000::0001, 2001:db8:0:0:0:0:0:1",
        "[2001:db8::1], 2001:db8:0:0:0:0:0:1",
        "::, 0:0:0:0:0:0:0:0",
        "64:ff9b::192.0.2.1, 64:ff9b:0:0:0:0:c000:201",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0"
    })
    void theSpellingsOfAnIpv6AddressAreOneEndpoint(String host, String address) {
        assertThat(at(host).host()).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "::ffff:127.0.0.010",
                "::ffff:0x7f.0.0.1",
                "::ffff:127.1",
                "::\uff11",
                "::\u0661",
                "00001::",
                "1::2::3",
                "1:2:3:4:5:6:7:8:9",
                ":::",
                "1:2",
                "::g",
                "[::1]x",
                "[[::1]]",
                "::1/64",
                "fe80::1%",
                "fe80::1%a b",
                "fe80::1%a/b",
                "fe80::1%a%b",
                "fe80::1%\u0661"
            })
    void whatIsNotAnIpv6AddressIsRefused(String host) {
        assertThatThrownBy(() -> at(host)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void inAUriAnIpv6AddressHasBrackets() {
        assertThatThrownBy(() -> Endpoint.parse("http://::1:80")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Endpoint.parse("http://::1")).isInstanceOf(IllegalArgumentException.class);
    }

    // ---- zones

    @Test
    void aZoneIsAPartOfTheHostButNotOfTheServerName() {
        Endpoint endpoint = at("fe80::1%eth9");
        assertThat(endpoint.host()).isEqualTo("fe80:0:0:0:0:0:0:1%eth9");
        assertThat(endpoint.serverName()).isEqualTo("fe80:0:0:0:0:0:0:1");
        assertThat(endpoint).isNotEqualTo(at("fe80::1")).isNotEqualTo(at("fe80::1%eth8"));
        assertThat(endpoint.withTls("fe80::1")).isEqualTo(endpoint.withTls());
        assertThat(endpoint.withTls("fe80::1%eth8")).isEqualTo(endpoint.withTls());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://[fe80::1%eth9]:1", "tcp://[fe80::1%25eth9]:1", "tcp://[FE80:0::1%25eth9]:1"})
    void aZoneIsReadWithAndWithoutTheEscapeOfUris(String text) {
        assertThat(Endpoint.parse(text)).isEqualTo(at("fe80::1%eth9"));
        assertThat(Endpoint.of(URI.create(text))).isEqualTo(at("fe80::1%eth9"));
        assertThat(Endpoint.parse(text)).hasToString("tcp://[fe80:0:0:0:0:0:0:1%25eth9]:1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"eth9", "br-lan", "25", "251", "25x", "veth_0.100"})
    void theTextOfAnEndpointWithAZoneIsReadBack(String zone) {
        assertThat(Endpoint.parse(at("fe80::1%" + zone).toString())).isEqualTo(at("fe80::1%" + zone));
    }

    @Test
    void aZoneOfAnAddressThatNeedsNoneIsDropped() {
        assertThat(at("::1%eth9")).isEqualTo(at("::1"));
        assertThat(at("2001:db8::1%7")).isEqualTo(at("2001:db8::1"));
        assertThat(at("fe80::1%0")).isEqualTo(at("fe80::1"));
    }

    @Test
    void theNumberAndTheNameOfAnInterfaceAreOneZone() throws Exception {
        NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
        assumeThat(loopback).as("an interface with the loopback address").isNotNull();
        String name = "fe80::1%" + loopback.getName();
        assertThat(at("fe80::1%" + loopback.getIndex())).isEqualTo(at(name));
        assertThat(at("fe80::1%00" + loopback.getIndex())).isEqualTo(at(name));
        byte[] bytes = InetAddress.getByName("fe80::1").getAddress();
        assertThat(at("::1").withLocalAddress(Inet6Address.getByAddress("", bytes, loopback.getIndex())))
                .hasToString("tcp://[0:0:0:0:0:0:0:1]:1[local address fe80:0:0:0:0:0:0:1%" + loopback.getName() + "]");
    }

    // ---- names with other characters

    @ParameterizedTest
    @CsvSource({
        "stra\u00dfe.de, U+00DF",
        "STRA\u1e9eE.de, U+1E9E",
        "\u03b2\u03cc\u03bb\u03bf\u03c2.gr, U+03C2",
        "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example, U+200C",
        "\u0dc1\u0dca\u200d\u0dbb\u0dd3.example, U+200D",
        // Their small letters are younger than Unicode 3.2.
        "\u04c0.example, U+04C0",
        "\u10a0.example, U+10A0",
        "\u2183.example, U+2183",
        "\u023a.example, U+023A",
        // Cherokee, whose small letters are mapped to the capitals.
        "\uab70.example, U+AB70",
        // Its mapping was corrected.
        "\ud87e\udc68.example, U+2F868",
        // A filler and a selector that only the newer rule drops.
        "a\u3164b.example, U+3164",
        "a\udb40\udd00b.example, U+E0100",
        // A character that is mapped to a dot.
        "\u2488example, U+2488",
        "a\u0378b.example, U+0378"
    })
    void aNameThatTheTwoRulesMapDifferentlyIsRefusedAndTheCharacterIsNamed(String host, String character) {
        assertThatThrownBy(() -> at(host))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(character + " in it")
                .hasMessageEndingWith("write the name in its ASCII form, whose labels begin with xn--");
    }

    @ParameterizedTest
    @CsvSource({
        "b\u00fccher.example, xn--bcher-kva.example",
        "B\u00dcCHER.example, xn--bcher-kva.example",
        "bu\u0308cher\u3002example, xn--bcher-kva.example",
        "\u4f8b\u3048.\u30c6\u30b9\u30c8, xn--r8jz45g.xn--zckzah",
        "\u0440\u0444, xn--p1ai",
        "\u05d9\u05e9\u05e8\u05d0\u05dc, xn--4dbrk0ce",
        "\ud83d\ude00.example, xn--e28h.example",
        "\u2764\ufe0f.example, xn--qei.example",
        "\u0131sparta.example, xn--sparta-o9a.example",
        "e\u212axample, ekxample",
        "xn--strae-oqa.de, xn--strae-oqa.de",
        "XN--STRAE-OQA.de, xn--strae-oqa.de"
    })
    void aNameThatBothRulesMapAlikeHasItsAsciiForm(String host, String ascii) {
        assertThat(at(host).host()).isEqualTo(ascii);
        assertThat(at(host)).isEqualTo(at(ascii));
        assertThat(at("x").withTls(host).serverName()).isEqualTo(ascii);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\uff05b",
                "a\uff20b",
                "a\u2100b",
                "a\uff0fb",
                "\u0301a.example",
                "a\ud800b",
                "\u3002",
                "a\u3002\u3002b"
            })
    void aNameWithCharactersThatHostsDoNotHaveIsRefused(String host) {
        assertThatThrownBy(() -> at(host)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aNameHasLabelsOf63CharactersAnd253InAll() {
        String label = "a".repeat(63);
        String longest = String.join(".", label, label, label, "a".repeat(61));
        assertThat(at(longest).host()).isEqualTo(longest);
        assertThat(at(longest + ".").host()).isEqualTo(longest + ".");
        assertThatThrownBy(() -> at(longest + "a")).hasMessageContaining("1 to 253 characters");
        assertThatThrownBy(() -> at(label + "a")).isInstanceOf(IllegalArgumentException.class);
    }
}
