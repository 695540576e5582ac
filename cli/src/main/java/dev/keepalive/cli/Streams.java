package dev.keepalive.cli;

import java.io.InputStream;
import java.io.PrintWriter;

/**
 * What a command reads and writes.
 *
 * @param in what is typed
 * @param out results
 * @param err errors, progress and remarks
 * @param terminal whether a person looks on, so that progress may be drawn on {@code err}
 */
record Streams(InputStream in, PrintWriter out, PrintWriter err, boolean terminal) {}
