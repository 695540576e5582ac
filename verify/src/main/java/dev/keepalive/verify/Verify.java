package dev.keepalive.verify;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands {@code replay} and {@code growth}. */
@Command(
        name = "verify",
        subcommands = {ReplayCommand.class, GrowthCommand.class},
        description = "Small programs that check a promise.")
public final class Verify {
    private Verify() {}

    /** Runs one of them; see {@code --help}. */
    public static void main(String... args) {
        System.exit(line().execute(args));
    }

    static CommandLine line() {
        CommandLine line = new CommandLine(new Verify());
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println(command.getCommandName() + ": " + failure);
            return 1;
        });
        return line;
    }
}
