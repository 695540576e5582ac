package dev.keepalive.bench.loopback;

/** One client: acquires, sends, is answered, releases, and begins anew; a state machine on the event loop, without a thread. */
final class Client {
    private static final int NUMBER_SHIFT = 40;

    private final Load load;
    private final Lender.Borrower borrower;
    private long stamp;
    private long began;

    Client(Load load, Lender lender, int number) {
        this.load = load;
        this.borrower = lender.borrower(this);
        this.stamp = (long) number << NUMBER_SHIFT;
    }

    /** Begins a slice. */
    void begin() {
        began = System.nanoTime();
        borrower.acquire();
    }

    /** Here is the connection. */
    void granted(Exchange exchange) {
        exchange.send(this, ++stamp);
    }

    /** All of the answer is there. */
    void answered() {
        long now = System.nanoTime();
        load.served(now - began);
        began = now;
        borrower.release();
        if (load.isOver()) {
            load.finished();
        } else {
            borrower.acquire();
        }
    }

    /** Something went wrong, which ends the measurement. */
    void fail(Throwable cause) {
        load.fail(cause);
    }
}
