package dev.keepalive.fuzz;

/** An acquire that is not answered yet, as the model sees it. */
final class NaiveWaiter {
    final String name;
    final String home;
    final long deadline;

    /** The event in which it came. */
    final long asked;

    NaiveWaiter(String name, String home, long deadline, long asked) {
        this.name = name;
        this.home = home;
        this.deadline = deadline;
        this.asked = asked;
    }
}
