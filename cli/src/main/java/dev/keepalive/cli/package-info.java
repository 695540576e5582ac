/** The command line: a demonstration, a line client, and a fetcher that counts. */
@NullMarked
package dev.keepalive.cli;

import org.jspecify.annotations.NullMarked;
