package dev.keepalive.cli;

import java.io.InputStream;
import java.io.PrintWriter;

/**
 * The streams of a command.
 *
 * @param in the input
 * @param out results
 * @param err errors, progress and remarks
 * @param terminal whether a terminal shows {@code err}, so that a progress bar may be drawn
 */
record CliStreams(InputStream in, PrintWriter out, PrintWriter err, boolean terminal) {}
