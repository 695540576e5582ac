package dev.keepalive.internal;

import dev.keepalive.spi.DialException;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Copies an exception for serialisation. A cause that cannot be serialised is replaced by an {@link IOException} with
 * its name and text as the text: an exception of a connector, a program or a library may refer to any object, for
 * example to the headers of a proxy's answer.
 */
public final class SerializableCopy {
    /** A longer chain of causes is cut off. */
    private static final int MOST_CAUSES = 100;

    /** The exceptions that were copied; one that comes a second time, in a circle of causes, is left out. */
    private final Set<Throwable> copied = Collections.newSetFromMap(new IdentityHashMap<>());

    private SerializableCopy() {}

    /**
     * Copies an exception, with its stack trace, causes and suppressed exceptions.
     *
     * @param withCause makes an exception with the same fields and with the given cause, which may be null
     */
    public static <T extends Throwable> T of(T original, Function<@Nullable Throwable, T> withCause) {
        return new SerializableCopy().copy(original, withCause);
    }

    private <T extends Throwable> T copy(T original, Function<@Nullable Throwable, T> withCause) {
        copied.add(original);
        T copy = withCause.apply(serializable(original.getCause()));
        copy.setStackTrace(original.getStackTrace());
        for (Throwable suppressed : original.getSuppressed()) {
            Throwable serializable = serializable(suppressed);
            if (serializable != null) {
                copy.addSuppressed(serializable);
            }
        }
        return copy;
    }

    private @Nullable Throwable serializable(@Nullable Throwable thrown) {
        if (thrown == null || copied.contains(thrown) || copied.size() >= MOST_CAUSES) {
            return null;
        } else if (thrown instanceof DialException dial) {
            return copy(dial, cause -> new DialException(dial.phase(), dial.errorNumber(), dial.text(), cause));
        } else if (!leadsBack(thrown) && isSerializable(thrown)) {
            return thrown;
        }
        return copy(thrown, cause -> new IOException(String.valueOf(thrown), cause));
    }

    /** True if a cause or a suppressed exception of it was copied, or if there are too many of them. */
    private boolean leadsBack(Throwable thrown) {
        Set<Throwable> found = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Throwable> open = new ArrayDeque<>(List.of(thrown));
        for (Throwable next = open.poll(); next != null; next = open.poll()) {
            if (copied.contains(next) || found.size() >= MOST_CAUSES) {
                return true;
            } else if (found.add(next)) {
                Collections.addAll(open, next.getSuppressed());
                if (next.getCause() != null) {
                    open.add(next.getCause());
                }
            }
        }
        return false;
    }

    private static boolean isSerializable(Throwable thrown) {
        try (ObjectOutputStream out = new ObjectOutputStream(OutputStream.nullOutputStream())) {
            out.writeObject(thrown);
            return true;
        } catch (IOException | RuntimeException | StackOverflowError notSerializable) {
            return false;
        }
    }
}
