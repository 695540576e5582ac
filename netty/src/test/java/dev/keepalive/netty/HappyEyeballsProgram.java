package dev.keepalive.netty;

import dev.keepalive.spi.DialException;
import dev.keepalive.testservers.ChildJvm;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The program that {@link HappyEyeballsOnSocketsTest} runs in a network namespace in which IPv6 packets are dropped. It
 * prints one line for each case.
 */
final class HappyEyeballsProgram {
    private static final String DROP = "nft add table inet t"
            + " && nft 'add chain inet t o { type filter hook output priority 0; }'"
            + " && nft add rule inet t o ip6 daddr fd00::1 tcp flags syn counter drop";
    private static final Pattern COUNTER = Pattern.compile("counter packets (\\d+)");

    private HappyEyeballsProgram() {}

    public static void main(String[] args) throws Exception {
        FakeResolver resolver = new FakeResolver()
                .name("warm.test", "127.0.0.1")
                .name("both.test", "fd00::1", "127.0.0.1")
                .name("refused.test", "127.0.0.2", "127.0.0.1");
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            for (int i = 0; i < 200; i++) {
                dial("warm", rig, i % 2 == 0 ? "warm.test" : "refused.test", server.port());
            }
            dial("direct", rig, "127.0.0.1", server.port());
            dial("refused-first", rig, "refused.test", server.port());
            ChildJvm.change(DROP);
            dial("cold", rig, "both.test", server.port());
            System.out.println("CASE cold-syns " + (dropped() > 0));
            int before = dropped();
            dial("next", rig, "both.test", server.port());
            System.out.println("CASE next-syns " + (dropped() > before));
            dialWithoutListener(rig);
        }
    }

    private static void dial(String name, ConnectorRig rig, String host, int port) throws Exception {
        long start = System.nanoTime();
        String remote = ConnectorRig.remoteOf(rig.dial("test", host, port).link())
                .getAddress()
                .getHostAddress();
        long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
        if (!name.equals("warm")) {
            System.out.println("CASE " + name + " " + remote);
            System.out.println("TOOK " + name + " " + micros / 1000.0 + " ms");
        }
    }

    private static void dialWithoutListener(ConnectorRig rig) throws Exception {
        try (ServerSocket unused = new ServerSocket(0)) {
            int port = unused.getLocalPort();
            unused.close();
            DialException failure = rig.dial("test", "127.0.0.3", port).failure();
            System.out.println("CASE refused " + failure.errorNumber());
        }
    }

    private static int dropped() throws Exception {
        Process process = new ProcessBuilder("nft", "list", "table", "inet", "t").start();
        Matcher counter = COUNTER.matcher(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        return counter.find() ? Integer.parseInt(counter.group(1)) : -1;
    }
}
