/** A switch of the manager's that users do not have. */
@NullMarked
package dev.keepalive;

import org.jspecify.annotations.NullMarked;
