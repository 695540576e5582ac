package dev.keepalive.fuzz;

/** The machine did something wrong. */
final class FuzzViolation extends RuntimeException {
    /** Which check failed. */
    enum Check {
        /** The model expected another effect, or none, or one more. */
        MODEL,
        /** Counts or totals differ from the model's. */
        COUNTS,
        /** One of the machine's own invariants, or an exception from the machine. */
        INVARIANT,
        /** An invariant of the model's state: finds mistakes that machine and model make together. */
        MODEL_INVARIANT,
        /** The alarm is not set for the next deadline. */
        ALARM,
        /**
         * An effect contradicts what callers, connector or budget know: a second answer, a connection that can still be
         * claimed.
         */
        ENVIRONMENT,
        /** Something does not hold once everything has come to rest. */
        QUIET_END
    }

    private static final long serialVersionUID = 1;

    private final Check check;

    FuzzViolation(Check check, String what) {
        super(what);
        this.check = check;
    }

    FuzzViolation(Throwable thrown) {
        super(thrown.toString(), thrown);
        this.check = Check.INVARIANT;
    }

    Check check() {
        return check;
    }

    static void require(boolean holds, Check check, String what) {
        if (!holds) {
            throw new FuzzViolation(check, what);
        }
    }
}
