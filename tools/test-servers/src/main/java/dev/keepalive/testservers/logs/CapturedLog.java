package dev.keepalive.testservers.logs;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * Takes what the JVM prints and logs, in one sequence, until it is closed. {@code System.Logger} and Netty log through
 * {@code java.util.logging}.
 */
final class CapturedLog implements AutoCloseable {
    private static final int MOST_BYTES = 4_000_000;

    /** Kept, because the JDK holds loggers weakly, and their levels with them. */
    private final Logger root = Logger.getLogger("");

    private final Logger leakDetector = Logger.getLogger(NettyLeaks.LOGGER);
    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();

    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final Handler[] handlers = root.getHandlers();
    private final ByteArrayOutputStream captured = new ByteArrayOutputStream();
    private final Handler capturing = new CapturingHandler();
    private final PrintStream printer = new PrintStream(new CapturingStream(), true, StandardCharsets.UTF_8);

    CapturedLog() {
        System.setOut(printer);
        System.setErr(printer);
        for (Handler handler : handlers) {
            root.removeHandler(handler);
        }
        root.addHandler(capturing);
        // A program under test may turn off the log of Netty: leaks are reported even so.
        leakDetector.setLevel(Level.SEVERE);
    }

    /** Discards what was captured until now. */
    void discard() {
        synchronized (captured) {
            captured.reset();
        }
    }

    /** Prints what was captured until now, under this name. */
    void print(String name) {
        String text;
        synchronized (captured) {
            text = captured.toString(StandardCharsets.UTF_8);
            captured.reset();
        }
        if (!text.isEmpty()) {
            out.println("---- " + name + " failed, after it had printed and logged:");
            out.print(text.endsWith("\n") ? text : text + "\n");
            out.println("---- end of what " + name + " had printed and logged");
        }
    }

    /** @throws AssertionError if Netty has reported a leak since the last call */
    void failOnLeak() {
        String leak = leaks.poll();
        leaks.clear();
        if (leak != null) {
            throw new AssertionError("a buffer was not released, in this test or in one before: " + leak);
        }
    }

    @Override
    public void close() {
        leakDetector.setLevel(null);
        root.removeHandler(capturing);
        for (Handler handler : handlers) {
            root.addHandler(handler);
        }
        System.setOut(out);
        System.setErr(err);
        failOnLeak();
    }

    private void append(byte[] bytes, int offset, int length) {
        synchronized (captured) {
            if (captured.size() > MOST_BYTES) {
                captured.reset();
                captured.writeBytes("(the beginning was too long to be kept)\n".getBytes(StandardCharsets.UTF_8));
            }
            captured.write(bytes, offset, length);
        }
    }

    private final class CapturingStream extends OutputStream {
        @Override
        public void write(int one) {
            append(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            append(bytes, offset, length);
        }
    }

    private final class CapturingHandler extends Handler {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord record) {
            if (isLoggable(record)) {
                String text = formatter.format(record);
                if (NettyLeaks.isLeak(record)) {
                    leaks.add(text);
                }
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                append(bytes, 0, bytes.length);
            }
        }

        @Override
        public void flush() {
            // nothing is held back here
        }

        @Override
        public void close() {
            // nothing to close
        }
    }
}
