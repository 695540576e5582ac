/** W3: the hand-over of a connection from who releases it to who is parked for it. */
@NullMarked
package dev.keepalive.bench.handover;

import org.jspecify.annotations.NullMarked;
