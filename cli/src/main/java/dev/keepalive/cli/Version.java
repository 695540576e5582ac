package dev.keepalive.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The program's version, as the manifest of its jar says. */
final class Version implements IVersionProvider {
    static String number() {
        return Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "development");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"keepalive " + number()};
    }
}
