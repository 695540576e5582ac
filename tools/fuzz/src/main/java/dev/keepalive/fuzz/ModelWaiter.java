package dev.keepalive.fuzz;

/** An acquire without an answer, in the model. */
final class ModelWaiter {
    final String name;
    final String endpoint;
    final long deadline;

    /** The event in which the acquire came. */
    final long arrival;

    /** The event loop of the caller; 0 for none. */
    final int loop;

    /** Only a connection that was never used before will do. */
    final boolean fresh;

    /** A dial for this waiter has failed for lack of resources and was tried again. */
    boolean triedAgain;

    ModelWaiter(String name, String endpoint, long deadline, long asked, int loop, boolean fresh) {
        this.name = name;
        this.endpoint = endpoint;
        this.deadline = deadline;
        this.arrival = asked;
        this.loop = loop;
        this.fresh = fresh;
    }
}
