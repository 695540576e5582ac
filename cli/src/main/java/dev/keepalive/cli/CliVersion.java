package dev.keepalive.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version of the program, from the manifest of its jar. */
final class CliVersion implements IVersionProvider {
    static String number() {
        return Objects.requireNonNullElse(CliVersion.class.getPackage().getImplementationVersion(), "development");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"keepalive " + number()};
    }
}
