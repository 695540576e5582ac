package dev.keepalive.bench.httpclient;

/** Sends the requests of one client, which has no more than one under way. */
@FunctionalInterface
interface RequestSender {
    /** Sends a request. Never blocks. */
    void send(AnswerListener listener);
}
