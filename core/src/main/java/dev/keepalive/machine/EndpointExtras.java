package dev.keepalive.machine;

import org.jspecify.annotations.Nullable;

/** What few endpoints have. Apart from {@link EndpointState}, since there may be very many endpoints. */
final class EndpointExtras {
    /** The record of failed dials; null if there is none. */
    BackOff.@Nullable DialHealth health;

    /** What is known of shared and of leaving slots; null if there are none. */
    @Nullable
    SharedSlots shared;

    boolean isEmpty() {
        return health == null && shared == null;
    }
}
