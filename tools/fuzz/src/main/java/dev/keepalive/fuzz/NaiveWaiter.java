package dev.keepalive.fuzz;

/** An acquire that is not answered yet, as the model sees it. */
final class NaiveWaiter {
    final String name;
    final String home;
    final long deadline;

    /** The event in which it came. */
    final long asked;

    /** The event loop on which it asked; 0 for none. */
    final int loop;

    /** A dial for it has failed for want of resources. */
    boolean triedAgain;

    NaiveWaiter(String name, String home, long deadline, long asked, int loop) {
        this.name = name;
        this.home = home;
        this.deadline = deadline;
        this.asked = asked;
        this.loop = loop;
    }
}
