/** Every pool of its kind and the manager, measured side by side in one run. */
@NullMarked
package dev.keepalive.bench;

import org.jspecify.annotations.NullMarked;
