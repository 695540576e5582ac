package dev.keepalive.netty;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A name server on 127.0.0.1 whose answers, byte by byte, a test decides: over UDP and, on the same port, over TCP. It
 * records what it was asked, and from which ports.
 */
final class OddNameServer implements AutoCloseable {
    static final int RESPONSE = 0x8000;
    static final int AUTHORITATIVE = 0x0400;
    static final int TRUNCATED = 0x0200;
    static final int RECURSIVE = 0x0080;
    static final int PLAIN = RESPONSE | RECURSIVE;

    private static final int HEADER = 12;

    /** Makes the answer to a query, or null for none. */
    interface Behaviour {
        byte[] answer(Query query);
    }

    /** A query as it came. */
    record Query(byte[] bytes, boolean overTcp, String name, int type) {
        boolean isIpv6() {
            return type == DnsMessage.AAAA;
        }

        /** An answer with these flags and code, and these records after the question. */
        byte[] answer(int flagsAndCode, byte[]... answers) {
            return message(flagsAndCode, List.of(answers), List.of());
        }

        /** An answer that says that the name, or the alias that these records tell, has no such address. */
        byte[] none(byte[]... answers) {
            byte[] soa = record(6, 60, new byte[] {0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1});
            return message(PLAIN, List.of(answers), List.of(soa));
        }

        /** For queries of IPv4, the answer with these addresses; for others, that there is none. */
        byte[] ipv4(String... addresses) {
            if (isIpv6()) {
                return none();
            }
            byte[][] answers =
                    Arrays.stream(addresses).map(OddNameServer::address).toArray(byte[][]::new);
            return answer(PLAIN, answers);
        }

        private byte[] message(int flagsAndCode, List<byte[]> answers, List<byte[]> authorities) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(bytes, 0, 2);
            for (int word : new int[] {flagsAndCode, 1, answers.size(), authorities.size(), 0}) {
                out.write(word >> 8);
                out.write(word);
            }
            out.write(bytes, HEADER, name.length() + 6);
            answers.forEach(out::writeBytes);
            authorities.forEach(out::writeBytes);
            return out.toByteArray();
        }
    }

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final Behaviour behaviour;
    final List<Query> queries = new CopyOnWriteArrayList<>();
    final List<Integer> ports = new CopyOnWriteArrayList<>();
    private final Queue<Throwable> defects = new ConcurrentLinkedQueue<>();

    private OddNameServer(String address, int port, Behaviour behaviour) throws IOException {
        InetAddress local = InetAddress.getByName(address);
        this.tcp = new ServerSocket(port, 50, local);
        this.udp = new DatagramSocket(new InetSocketAddress(local, tcp.getLocalPort()));
        this.behaviour = behaviour;
        start(this::serveUdp);
        start(this::serveTcp);
    }

    static OddNameServer start(Behaviour behaviour) throws IOException {
        return start("127.0.0.1", 0, behaviour);
    }

    static OddNameServer start(String address, int port, Behaviour behaviour) throws IOException {
        return new OddNameServer(address, port, behaviour);
    }

    /** One that answers nothing. */
    static OddNameServer silent() throws IOException {
        return start(query -> null);
    }

    /** An address at which no name server runs. */
    static InetSocketAddress nowhere() throws IOException {
        try (DatagramSocket free = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
            return new InetSocketAddress("127.0.0.1", free.getLocalPort());
        }
    }

    InetSocketAddress address() {
        return (InetSocketAddress) udp.getLocalSocketAddress();
    }

    long queriesOf(String name) {
        return queries.stream().filter(query -> query.name().equals(name)).count();
    }

    // ---- records; their owner is the name of the question, unless it is said

    /** An address record of the name in question. */
    static byte[] address(String address) {
        byte[] bytes = FakeResolver.numeric(address).getAddress();
        return record(bytes.length == 4 ? DnsMessage.A : DnsMessage.AAAA, 60, bytes);
    }

    /** An address record of another name. */
    static byte[] address(String owner, String address) {
        byte[] plain = address(address);
        return concat(name(owner), Arrays.copyOfRange(plain, 2, plain.length));
    }

    /** A record that says that the name in question is an alias of this one. */
    static byte[] alias(String target) {
        return record(5, 60, name(target));
    }

    /** A record of any type, whose owner is a pointer to the question. */
    static byte[] record(int type, int seconds, byte[] data) {
        byte[] head = {
            (byte) 0xc0,
            HEADER,
            0,
            (byte) type,
            0,
            1,
            0,
            0,
            (byte) (seconds >> 8),
            (byte) seconds,
            (byte) (data.length >> 8),
            (byte) data.length
        };
        return concat(head, data);
    }

    private static byte[] name(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String label : name.split("\\.")) {
            out.write(label.length());
            out.writeBytes(label.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        out.write(0);
        return out.toByteArray();
    }

    private static byte[] concat(byte[] one, byte[] two) {
        byte[] both = Arrays.copyOf(one, one.length + two.length);
        System.arraycopy(two, 0, both, one.length, two.length);
        return both;
    }

    // ---- serving

    private void start(Serving serving) {
        Thread thread = new Thread(() -> {
            try {
                serving.run();
            } catch (SocketException closed) {
                return;
            } catch (IOException | RuntimeException e) {
                defects.add(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private interface Serving {
        void run() throws IOException;
    }

    private void serveUdp() throws IOException {
        while (true) {
            DatagramPacket packet = new DatagramPacket(new byte[4_096], 4_096);
            udp.receive(packet);
            ports.add(packet.getPort());
            byte[] answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()), false);
            if (answer != null) {
                udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        }
    }

    private void serveTcp() throws IOException {
        while (true) {
            try (Socket socket = tcp.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] answer = answer(in.readNBytes(in.readUnsignedShort()), true);
                if (answer != null) {
                    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                    out.writeShort(answer.length);
                    out.write(answer);
                }
            }
        }
    }

    private byte[] answer(byte[] bytes, boolean overTcp) {
        StringBuilder name = new StringBuilder();
        int at = HEADER;
        while (bytes[at] != 0) {
            name.append(name.isEmpty() ? "" : ".").append(new String(bytes, at + 1, bytes[at]));
            at += 1 + bytes[at];
        }
        Query query = new Query(bytes, overTcp, name.toString().toLowerCase(Locale.ROOT), bytes[at + 2]);
        queries.add(query);
        return behaviour.answer(query);
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
        if (!defects.isEmpty()) {
            throw new AssertionError("the name server has a defect", defects.peek());
        }
    }
}
