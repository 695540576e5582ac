package dev.keepalive;

import java.io.Serializable;

/**
 * How many connections are in which state, and how many acquires wait. A photograph: true when it was taken, not for decisions.
 *
 * @param asking waiting for a permit of the {@link Budget}; always 0 without one
 * @param dialling being opened
 * @param idle open, leased to nobody
 * @param leased in use
 * @param resetting released, and being cleaned up before they are idle
 * @param closing being closed, or a dial being stopped; these hold their place until they are gone
 * @param waiting acquires that wait
 */
public record Counts(int asking, int dialling, int idle, int leased, int resetting, int closing, int waiting)
        implements Serializable {
    private static final long serialVersionUID = 1;

    /** The connections that count against a limit: all of them, from the decision to open until they are gone. */
    public int open() {
        return asking + dialling + idle + leased + resetting + closing;
    }

    /** The same, where so many of those that are idle are in use. */
    Counts withLent(int lent) {
        return new Counts(asking, dialling, idle - lent, leased + lent, resetting, closing, waiting);
    }

    /** For example {@code 4 open (1 dialling, 0 idle, 3 leased, 0 resetting, 0 closing), 2 waiting}. */
    @Override
    public String toString() {
        return open() + " open (" + (asking > 0 ? asking + " asking, " : "") + dialling + " dialling, " + idle
                + " idle, " + leased + " leased, " + resetting + " resetting, " + closing + " closing), " + waiting
                + " waiting";
    }
}
