/** The command line: a demo, a line client, a fetcher with statistics, and the replay of recorded histories. */
@NullMarked
package dev.keepalive.cli;

import org.jspecify.annotations.NullMarked;
