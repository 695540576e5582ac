package dev.keepalive.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One thing that may happen, said so that it means something whatever happened before: {@code which} counts modulo
 * those to whom it may happen at that moment. If there is none, nothing happens.
 *
 * @param which whom it happens to
 * @param value how it happens: depends on the kind
 */
record Operation(Kind kind, int which, long value) {
    /** What can happen. */
    enum Kind {
        /** Somebody asks for a connection to endpoint {@code which}; waits so long, for ever if negative. */
        ACQUIRE,
        /** Somebody asks for an idle connection. */
        TRY,
        /** A waiter is withdrawn; if {@code value} is odd, one that may have been answered. */
        CANCEL,
        /** An effect is performed; 0 is the one decided first. */
        PERFORM,
        /** The budget answers an ask: it grants a permit if {@code value} is odd. */
        ASKED,
        /**
         * The connector answers a dial: 0 is that it failed, 1 that it succeeded, 2 that the system had no resources
         * for it.
         */
        DIALLED,
        /** The connector answers a reset: the connection is quiet if {@code value} is odd. */
        RESET,
        /**
         * Somebody borrows an idle connection without the machine; if {@code value} is odd, the time is not noted at
         * once.
         */
        BORROW,
        /** A holder gives a connection back, in way {@code value}. */
        RELEASE,
        /**
         * A holder gives a connection back as one to endpoint {@code value}, for even ones cleanly, for odd ones to be
         * cleaned up.
         */
        RELEASE_AS,
        /**
         * The clean-up of a connection that was borrowed is answered: 0 quiet, 1 unquiet; from 2 on it takes its time.
         */
        RETURN,
        /** The machine hears of the end of a lease that was borrowed. */
        TELL,
        /** A holder ends a lease that has been ended before, in way {@code value}. */
        STALE,
        /** A connection that is to be closed is closed. */
        CLOSED,
        /**
         * A connection is lost; if {@code value} is odd because it spoke out of turn. From 2 on also one that is gone
         * already.
         */
        LOST,
        /** A connection will not be leased or parked any more; if {@code value} is odd, only not parked. */
        REFUSE,
        /** Time passes; a little of it may be taken back. */
        PASS,
        /** Time passes until the alarm goes off, and it does. */
        ALARM,
        /** The machine is told that time has passed, though no alarm went off. */
        TICK,
        /** Other limits hold from now on, see {@link Setup#limits}. */
        CONFIGURE,
        /** An endpoint is retired; all are if {@code value} is odd. */
        RETIRE,
        /** A connection is retired, or a dial for one. */
        RETIRE_ONE,
        /** The budget wants so many permits back. */
        OWED,
        /** The manager is drained, in so much time at most; for ever if negative. */
        DRAIN,
        /** The manager is closed. */
        SHUTDOWN
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT) + ":" + which + ":" + value;
    }

    /** Reads what {@link #toString} has written, separated by white space. */
    static List<Operation> parse(String text) {
        List<Operation> operations = new ArrayList<>();
        for (String word : text.trim().split("\\s+")) {
            String[] parts = word.split(":");
            if (parts.length != 3) {
                throw new IllegalArgumentException("not an operation: " + word);
            }
            Kind kind = Kind.valueOf(parts[0].toUpperCase(Locale.ROOT));
            operations.add(new Operation(kind, Integer.parseInt(parts[1]), Long.parseLong(parts[2])));
        }
        return operations;
    }
}
