package dev.keepalive.bench.httpclient;

/** Is told what became of one request, once, on any thread. */
interface AnswerListener {
    /** The whole answer is there. */
    void answered(int status, int bytes);

    void failed(Throwable cause);
}
