package dev.keepalive.bench.httpclient;

/**
 * An HTTP client, set up for one server. Its requests are GET requests; it reads each answer's content into an array.
 */
interface HttpContender extends AutoCloseable {
    /** Makes what sends the requests of one client. */
    RequestSender newSender();

    /** Makes a request that blocks its thread, in the way that this HTTP client has for it. */
    default BlockingRequest newBlockingRequest(HttpTarget target) {
        return new ParkedRequest(newSender(), target)::call;
    }

    @Override
    void close();

    /** A request that blocks until its answer is there. */
    @FunctionalInterface
    interface BlockingRequest {
        void call() throws Exception;
    }
}
