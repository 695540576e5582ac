package dev.keepalive.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One thing that may happen. It has a meaning whatever happened before: {@code which} is taken modulo the number of
 * candidates at that moment. If there is no candidate, nothing happens.
 *
 * @param which the candidate
 * @param value how it happens; its meaning depends on the kind
 */
record FuzzOperation(Kind kind, int which, long value) {
    /** What can happen. */
    enum Kind {
        /**
         * A caller acquires a connection to endpoint {@code which}, with timeout {@code value}; without one if
         * negative.
         */
        ACQUIRE,
        /** A caller acquires, in the same way, a connection that was never used before. */
        ACQUIRE_FRESH,
        /** A caller tries to acquire an idle connection. */
        TRY_ACQUIRE,
        /** A waiter is cancelled; if {@code value} is odd, it may already have its answer. */
        CANCEL,
        /** An effect is performed; 0 is the oldest one. */
        PERFORM,
        /** The budget answers a permit request; it grants the permit if {@code value} is odd. */
        PERMIT_ANSWER,
        /**
         * The connector answers a dial: {@code value % 4} is 0 failed, 1 opened, 2 the host had no resources.
         * {@code value / 4} is how many leases the connection takes if it is shared; 0 if it is exclusive and its
         * endpoint has both.
         */
        DIAL_ANSWER,
        /** The peer says that a connection takes {@code value} leases from now on. */
        CAPACITY,
        /** The connector answers a reset; the connection is reusable if {@code value} is odd. */
        RESET_ANSWER,
        /**
         * The connector answers the reset of one lease of a shared connection; the connection is reusable if
         * {@code value} is odd. From 2 on, of any lease that has ended, whether it is being reset or not.
         */
        LEASE_RESET_ANSWER,
        /**
         * A caller borrows an idle connection without the machine; if {@code value} is odd, the time is noted only at
         * the release.
         */
        BORROW,
        /** A holder ends a lease in way {@code value}. */
        RELEASE,
        /** A holder of a shared connection acquires again, and then ends its lease: the connection is never free. */
        RENEW,
        /**
         * A holder releases a connection as one to endpoint {@code value / 2}; it is to be reset first if {@code value}
         * is odd.
         */
        RELEASE_AS,
        /** The clean-up of a borrowed connection is answered: 0 reusable, 1 not reusable, from 2 on later. */
        CLEAN_UP_ANSWER,
        /** The machine hears of the end of a borrowed lease. */
        REPORT_RELEASE,
        /** A holder ends a lease that has already ended, in way {@code value}. */
        RELEASE_AGAIN,
        /** A close is answered. */
        CLOSE_ANSWER,
        /**
         * The peer ends a connection; if {@code value} is odd, by unexpected input. From 2 on, a connection that is
         * gone may be chosen too.
         */
        PEER_ENDS,
        /**
         * A connection refuses to be leased or parked from now on; if {@code value} is odd, only to be parked. It is an
         * open one, or, if {@code value} is greater than 1, one whose dial is not answered yet.
         */
        MAKE_UNUSABLE,
        /** Time passes; it may also go back a little. */
        PASS_TIME,
        /** Time passes until the alarm is due, and the alarm goes off. */
        ALARM,
        /** The machine gets a tick although no alarm went off. */
        TICK,
        /** The limits change, see {@link FuzzSetup#limits}. */
        CONFIGURE,
        /** An endpoint is retired; all endpoints are if {@code value} is odd. */
        RETIRE,
        /** One connection or dial is retired. */
        RETIRE_ONE,
        /** The budget wants {@code value} permits back. */
        BUDGET_DEBT,
        /** The manager is drained, in at most {@code value}; without a deadline if negative. */
        DRAIN,
        /** The manager is closed. */
        SHUTDOWN
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT) + ":" + which + ":" + value;
    }

    /** Reads what {@link #toString} has written, separated by white space. */
    static List<FuzzOperation> parse(String text) {
        List<FuzzOperation> operations = new ArrayList<>();
        for (String word : text.trim().split("\\s+")) {
            String[] parts = word.split(":");
            if (parts.length != 3) {
                throw new IllegalArgumentException("not an operation: " + word);
            }
            Kind kind = Kind.valueOf(parts[0].toUpperCase(Locale.ROOT));
            operations.add(new FuzzOperation(kind, Integer.parseInt(parts[1]), Long.parseLong(parts[2])));
        }
        return operations;
    }
}
