package dev.keepalive.http;

/** Whether a request that failed may be sent again (RFC 9110, section 9.2.2; RFC 9113, section 8.7). */
enum RetrySafety {
    /** The peer has not processed it, or nothing of it was sent: safe for every method. */
    UNPROCESSED,
    /**
     * The connection had served another exchange before, and has ended before any byte of the response, or with a 408
     * (Request Timeout) that was on its way when the request was sent: safe for an idempotent method.
     */
    IF_IDEMPOTENT,
    /**
     * The server has announced that it ends the connection (GOAWAY without an error), and has done so before any byte
     * of the response: safe for an idempotent method, and no sign that the request is the reason.
     */
    LEFT_IF_IDEMPOTENT,
    /** It has failed for a reason that another attempt does not mend, or a part of the response has come. */
    NEVER
}
