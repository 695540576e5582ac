package dev.keepalive.cli;

import dev.keepalive.spi.VisibleText;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Users and passwords of proxies from a file or from the environment, where other users of the host do not see them: a
 * line {@code user:password} for each proxy, in their order; an empty line or none for a proxy without. No message
 * contains them. Immutable.
 */
final class ProxyUsers {
    /** The variable of the environment; its value is what could stand in the file. */
    static final String VARIABLE = "KEEPALIVE_PROXY_USER";

    private final String source;
    private final List<String> lines;

    private ProxyUsers(String source, List<String> lines, int proxies) {
        this.source = source;
        this.lines = lines;
        int used = lines.size();
        while (used > 0 && lines.get(used - 1).isEmpty()) {
            used--;
        }
        if (used > proxies) {
            throw notAllowed("it has a line for " + used + " proxies, and there are " + proxies + " (--proxy)");
        }
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isEmpty() && lines.get(i).indexOf(':') < 1) {
                throw notAllowed("line " + (i + 1) + " must be empty, or user:password");
            }
        }
    }

    /**
     * The users of so many proxies.
     *
     * @param file null for the environment, which is ignored if there is no proxy
     * @throws IllegalArgumentException if the file cannot be read, or a line has another form or no proxy
     */
    static ProxyUsers of(@Nullable Path file, Map<String, String> environment, int proxies) {
        if (file != null) {
            String source = "--proxy-user-file '" + VisibleText.of(file.toString()) + "'";
            return new ProxyUsers(source, read(source, file), proxies);
        }
        String value = proxies == 0 ? "" : environment.getOrDefault(VARIABLE, "");
        return new ProxyUsers(VARIABLE, value.lines().toList(), proxies);
    }

    /** Whether this proxy, counted from 0, has a user here. */
    boolean has(int proxy) {
        return proxy < lines.size() && !lines.get(proxy).isEmpty();
    }

    /** The user of a proxy that has one: all before the first colon. */
    String user(int proxy) {
        String line = lines.get(proxy);
        return line.substring(0, line.indexOf(':'));
    }

    /** The password of a proxy that has a user: all after the first colon. */
    String password(int proxy) {
        String line = lines.get(proxy);
        return line.substring(line.indexOf(':') + 1);
    }

    IllegalArgumentException notAllowed(String why) {
        return notAllowed(source, why);
    }

    private static List<String> read(String source, Path file) {
        try {
            return Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            throw notAllowed(source, "no such file");
        } catch (CharacterCodingException e) {
            throw notAllowed(source, "it is not text in UTF-8");
        } catch (IOException e) {
            throw notAllowed(source, Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
    }

    private static IllegalArgumentException notAllowed(String source, String why) {
        return new IllegalArgumentException(source + " is not allowed: " + why);
    }
}
