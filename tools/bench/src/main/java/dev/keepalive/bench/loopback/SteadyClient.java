package dev.keepalive.bench.loopback;

/** A client that acquires, sends, is answered, releases, and begins anew; a state machine on the event loop, without a thread. */
final class SteadyClient implements Client {
    private static final int NUMBER_SHIFT = 40;

    private final Load load;
    private final Lender.Borrower borrower;
    private long stamp;
    private long began;

    SteadyClient(Load load, Lender lender, int number) {
        this.load = load;
        this.borrower = lender.borrower(this);
        this.stamp = (long) number << NUMBER_SHIFT;
    }

    /** Begins a slice. */
    void begin() {
        began = System.nanoTime();
        borrower.acquire();
    }

    @Override
    public void granted(Exchange exchange) {
        exchange.send(this, ++stamp);
    }

    @Override
    public void answered() {
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

    @Override
    public void fail(Throwable cause) {
        load.fail(cause);
    }

    @Override
    public void lost() {
        // An idle channel at the end of all.
    }
}
