/** The interfaces that a transport or a clock implements to work with a connection manager. */
@NullMarked
package dev.keepalive.spi;

import org.jspecify.annotations.NullMarked;
