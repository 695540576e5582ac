package dev.keepalive.fuzz;

/** The machine did what it must not do, or not what it must do. */
final class Violation extends RuntimeException {
    /** Who noticed. */
    enum Check {
        /** The model expected another effect, or none, or one more. */
        MODEL,
        /** The counts or totals differ from the model's. */
        BOOKS,
        /** One of the machine's own invariants, or an exception out of the machine. */
        INVARIANT,
        /** A property of the model's own state: it would show what machine and model do wrong together. */
        PROPERTY,
        /** The alarm is not set for what is due next. */
        ALARM,
        /**
         * An effect that contradicts what the outer world knows: a second answer, a connection that could still be
         * claimed.
         */
        WORLD,
        /** What must be so when everything has come to rest. */
        QUIESCENCE
    }

    private static final long serialVersionUID = 1;

    private final Check check;

    Violation(Check check, String what) {
        super(what);
        this.check = check;
    }

    Violation(Throwable thrown) {
        super(thrown.toString(), thrown);
        this.check = Check.INVARIANT;
    }

    Check check() {
        return check;
    }

    static void require(boolean holds, Check check, String what) {
        if (!holds) {
            throw new Violation(check, what);
        }
    }
}
