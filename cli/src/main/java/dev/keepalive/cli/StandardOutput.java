package dev.keepalive.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Objects;

/**
 * The standard output or the standard error of the program. The program ends when it cannot be written: silently with
 * status 141 if no process reads the pipe any more, as other programs do, which SIGPIPE ends; else with a message and
 * status 1. Errors of the standard error other than a broken pipe are ignored, since there is no place to tell them.
 */
final class StandardOutput extends OutputStream {
    /** 128 and the number of SIGPIPE, as a shell tells it. */
    private static final int BROKEN_PIPE = 141;

    private final OutputStream stream;
    private final boolean endsAtAnyError;

    private StandardOutput(FileDescriptor descriptor, boolean endsAtAnyError) {
        this.stream = new FileOutputStream(descriptor);
        this.endsAtAnyError = endsAtAnyError;
    }

    static OutputStream out() {
        return new StandardOutput(FileDescriptor.out, true);
    }

    static OutputStream err() {
        return new StandardOutput(FileDescriptor.err, false);
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        try {
            stream.write(bytes, offset, length);
        } catch (IOException e) {
            failed(Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
    }

    /** Halts, since the shutdown hooks would print too. */
    private void failed(String error) {
        if (error.toLowerCase(Locale.ROOT).contains("broken pipe")) {
            Runtime.getRuntime().halt(BROKEN_PIPE);
        }
        if (endsAtAnyError) {
            System.err.println("keepalive: the output cannot be written: " + error);
            Runtime.getRuntime().halt(1);
        }
    }
}
