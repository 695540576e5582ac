package dev.keepalive.testservers;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a part of a test in a JVM of its own, in an environment that a shell prepares: with lowered limits, or in a
 * network namespace, which ends with the JVM. Linux only.
 */
public final class ChildJvm {
    private final List<String> launcher;
    private final String setup;

    private ChildJvm(List<String> launcher, List<String> commands) {
        this.launcher = launcher;
        this.setup = commands.isEmpty() ? "" : String.join(" && ", commands) + " && ";
    }

    /** In the network of this JVM, after these shell commands, for example {@code ulimit -n 80}. */
    public static ChildJvm after(String... commands) {
        return new ChildJvm(List.of(), List.of(commands));
    }

    /**
     * In a new network namespace, whose loopback device is up, after these shell commands. There {@code ip},
     * {@code nft} and {@code sysctl} change no other network.
     *
     * @throws org.opentest4j.TestAbortedException if a program or a right is missing, or the kernel refuses a command:
     *     the test is skipped
     */
    public static ChildJvm inNetworkNamespace(String... commands) {
        InstalledPrograms.program("unshare", "util-linux");
        InstalledPrograms.program("ip", "iproute2");
        List<String> all = new ArrayList<>(List.of("ip link set lo up"));
        all.addAll(List.of(commands));
        ChildJvm child = new ChildJvm(List.of("unshare", "--net"), all);
        Ended tried = child.shell("true");
        assumeTrue(
                tried.status == 0,
                () -> "a network namespace cannot be made: this test needs Linux and root, and a kernel that accepts "
                        + String.join(", ", all) + ": " + tried.output);
        return child;
    }

    /** Does the same for a program that drops packets with {@code nft}. */
    public static ChildJvm inNetworkNamespaceWithFilter(String... commands) {
        InstalledPrograms.program("nft", "nftables");
        List<String> all = new ArrayList<>(List.of(commands));
        // A kernel may be built without one of these features, so they are tried.
        all.add("nft add table inet probe");
        all.add("nft 'add chain inet probe o { type filter hook output priority 0; }'");
        all.add("nft add rule inet probe o ip6 daddr fd00::99 tcp flags syn counter drop");
        all.add("nft delete table inet probe");
        return inNetworkNamespace(all.toArray(String[]::new));
    }

    /**
     * Runs a program of the tests.
     *
     * @return its output
     * @throws AssertionError with the output, if the program fails
     */
    public String run(Class<?> program, String... arguments) {
        List<String> java = new ArrayList<>();
        java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        java.addAll(optionsOfThisJvm());
        java.addAll(List.of("-ea", "-cp", System.getProperty("java.class.path"), program.getName()));
        java.addAll(List.of(arguments));
        String command = "exec "
                + String.join(" ", java.stream().map(word -> "'" + word + "'").toList());
        Ended ended = shell(command);
        if (ended.status != 0) {
            throw new AssertionError(program.getName() + " ended with status " + ended.status + "\n" + ended.output);
        }
        return ended.output;
    }

    /** Which compilers and collector it uses. */
    private static List<String> optionsOfThisJvm() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("-XX:"))
                .toList();
    }

    /** Called by the program: runs a command that changes the network of the program. */
    public static void change(String command) {
        Ended ended = after().shell(command);
        if (ended.status != 0) {
            throw new AssertionError(command + " ended with status " + ended.status + "\n" + ended.output);
        }
    }

    private record Ended(int status, String output) {}

    private Ended shell(String command) {
        List<String> words = new ArrayList<>(launcher);
        words.addAll(List.of("sh", "-c", setup + command));
        try {
            Process process =
                    new ProcessBuilder(words).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), output);
        } catch (IOException e) {
            return new Ended(-1, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Ended(-1, e.toString());
        }
    }
}
