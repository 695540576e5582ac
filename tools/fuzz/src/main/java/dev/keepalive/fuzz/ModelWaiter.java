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

    /** Failed dials and pauses do not fail it. */
    final boolean patient;

    /** A dial for this waiter has failed for lack of resources and was tried again. */
    boolean triedAgain;

    /** The waiter of an acquire that came in this event. */
    ModelWaiter(SimulatedCaller caller, long event) {
        this(caller.name, caller.endpoint, caller.deadline, event, caller.loop, caller.fresh, caller.patient);
    }

    /** The waiter of a tried acquire, which is answered at once. */
    ModelWaiter(String name, String endpoint, long event, int loop) {
        this(name, endpoint, Long.MAX_VALUE, event, loop, false, false);
    }

    private ModelWaiter(
            String name, String endpoint, long deadline, long asked, int loop, boolean fresh, boolean patient) {
        this.name = name;
        this.endpoint = endpoint;
        this.deadline = deadline;
        this.arrival = asked;
        this.loop = loop;
        this.fresh = fresh;
        this.patient = patient;
    }
}
