package dev.keepalive.cli;

import dev.keepalive.AcquireException;
import dev.keepalive.spi.VisibleText;
import java.io.Console;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The program {@code keepalive}. Exit status: 0 if all went well, 1 after an error on the network, 2 for a bad command
 * line, 141 if the pipe of its output has no reader.
 */
@Command(
        name = "keepalive",
        versionProvider = CliVersion.class,
        description = "Opens, keeps alive, shares and expires client connections.",
        footer = {
            "",
            "Examples:",
            "  keepalive demo",
            "  keepalive connect localhost 6379",
            "  keepalive fetch -n 10000 -c 64 http://localhost:8080/",
            "  keepalive replay history",
            "",
            "Exit status: 0 all well, 1 an error on the network, 2 bad input, 141 the output is not read any more."
        })
public final class KeepaliveCli implements Runnable {
    /** Kept in a field: the JDK holds loggers weakly, and their levels are lost with them. */
    private static final Logger NETTY = Logger.getLogger("io.netty");

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @SuppressWarnings("UnusedVariable") // read by picocli
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Prints this help.")
    private boolean help;

    @SuppressWarnings("UnusedVariable") // read by picocli
    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            scope = ScopeType.INHERIT,
            description = "Prints the version.")
    private boolean version;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Prints the stack traces of errors.")
    private boolean verbose;

    private KeepaliveCli() {}

    /** Runs the program and ends the JVM with its status. */
    public static void main(String... args) {
        if (System.getProperty("java.util.logging.config.file") == null) {
            // Warnings of Netty accompany errors that are reported anyway.
            NETTY.setLevel(Level.SEVERE);
        }
        CliStreams streams =
                new CliStreams(System.in, utf8(StandardOutput.out()), utf8(StandardOutput.err()), isTerminal());
        System.exit(run(streams, args));
    }

    /**
     * Runs the program inside another.
     *
     * @return the exit status
     */
    static int run(InputStream in, OutputStream out, OutputStream err, String... args) {
        return run(new CliStreams(in, utf8(out), utf8(err), false), args);
    }

    private static int run(CliStreams streams, String... args) {
        KeepaliveCli cli = new KeepaliveCli();
        CommandLine commands = new CommandLine(cli)
                .addSubcommand(new DemoCommand(streams))
                .addSubcommand(new ConnectCommand(streams))
                .addSubcommand(new FetchCommand(streams))
                .addSubcommand(new ReplayCommand(streams))
                .setOut(streams.out())
                .setErr(streams.err())
                .setUsageHelpAutoWidth(true)
                .setExpandAtFiles(false) // an argument that begins with @ is an argument
                .setParameterExceptionHandler((bad, arguments) -> cli.badInput(streams.err(), bad))
                .setExecutionExceptionHandler((thrown, command, result) -> cli.failed(streams.err(), thrown));
        int status = commands.execute(args);
        streams.out().flush();
        streams.err().flush();
        return status;
    }

    /** Whether to print stack traces. */
    boolean verbose() {
        return verbose;
    }

    /** Called when no command is given. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command: demo, connect, fetch or replay");
    }

    private int badInput(PrintWriter err, ParameterException bad) {
        err.println("keepalive: " + VisibleText.ofAny(String.valueOf(bad.getMessage())));
        err.println("Try '" + bad.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
        if (verbose) {
            ErrorText.printStackTrace(bad, err);
        }
        return CommandLine.ExitCode.USAGE;
    }

    private int failed(PrintWriter err, Throwable thrown) {
        boolean unconnected = ErrorText.unwrapped(thrown) instanceof AcquireException;
        err.println((unconnected ? "Connection could not be established: " : "keepalive: ") + ErrorText.text(thrown));
        if (verbose) {
            ErrorText.printStackTrace(ErrorText.unwrapped(thrown), err);
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /**
     * Whether input and output are a terminal. Since JDK 22, {@code System.console()} is not null even without a
     * terminal.
     */
    @SuppressWarnings("SystemConsoleNull") // it is null on older JDKs
    private static boolean isTerminal() {
        @Nullable Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException beforeJdk22) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    private static PrintWriter utf8(OutputStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }
}
