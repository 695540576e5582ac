package dev.keepalive.bench.httpclient;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Sends a request and parks the thread until the answer is there, for HTTP clients without a method that blocks. */
final class ParkedRequest implements AnswerListener {
    private final RequestSender sender;
    private final HttpTarget target;
    private @Nullable Thread waiting;
    private int status;
    private int bytes;
    private @Nullable Throwable failure;
    private volatile boolean done;

    ParkedRequest(RequestSender sender, HttpTarget target) {
        this.sender = sender;
        this.target = target;
    }

    void call() throws ExecutionException {
        waiting = Thread.currentThread();
        done = false;
        sender.send(this);
        while (!done) {
            LockSupport.park(this);
        }
        if (failure != null) {
            throw new ExecutionException(failure);
        }
        target.check(status, bytes);
    }

    @Override
    public void answered(int itsStatus, int itsBytes) {
        status = itsStatus;
        bytes = itsBytes;
        wake();
    }

    @Override
    public void failed(Throwable cause) {
        failure = cause;
        wake();
    }

    private void wake() {
        Thread thread = waiting;
        done = true;
        LockSupport.unpark(thread);
    }
}
