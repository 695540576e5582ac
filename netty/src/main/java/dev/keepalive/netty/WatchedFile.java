package dev.keepalive.netty;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A small file of the system, parsed. It is read again as soon as it has changed. Safe from any thread.
 *
 * @param <T> what the file says
 */
final class WatchedFile<T> {
    private final Path path;
    private final Function<String, T> parser;
    private volatile @Nullable Version<T> last;

    /** @param parser makes the content from the text; an empty text if there is no such file */
    WatchedFile(Path path, Function<String, T> parser) {
        this.path = path;
        this.parser = parser;
    }

    /** What the file says now; the same object until the file changes. If it cannot be read, what it said last. */
    T get() {
        Version<T> known = last;
        try {
            Stamp stamp = stamp();
            if (known == null || !known.stamp.equals(stamp)) {
                known = new Version<>(stamp, parser.apply(stamp == Stamp.MISSING ? "" : read()));
                last = known;
            }
        } catch (IOException unreadable) {
            if (known == null) {
                known = new Version<>(Stamp.MISSING, parser.apply(""));
                last = known;
            }
        }
        return known.content;
    }

    private Stamp stamp() throws IOException {
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            return new Stamp(now.lastModifiedTime(), now.size(), Objects.toString(now.fileKey()));
        } catch (NoSuchFileException e) {
            return Stamp.MISSING;
        }
    }

    private String read() throws IOException {
        // Every byte is a character: a comment in any encoding must not make the file unreadable.
        return Files.readString(path, StandardCharsets.ISO_8859_1);
    }

    /** What differs between two versions of a file. It is taken before the file is read. */
    private record Stamp(FileTime modified, long size, String key) {
        static final Stamp MISSING = new Stamp(FileTime.fromMillis(0), -1, "");
    }

    private record Version<T>(Stamp stamp, T content) {}
}
