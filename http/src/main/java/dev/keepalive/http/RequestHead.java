package dev.keepalive.http;

/**
 * The head of a request.
 *
 * @param method as it goes out; letters are never changed
 * @param scheme http or https
 * @param authority host and port, without a default port: the value of Host, or of :authority
 * @param target what the request line has: path and query, or the whole URI without its fragment if a proxy is asked;
 *     HTTP/2 sends path and query
 * @param fields all other header fields, without Host, Content-Length, Transfer-Encoding, Connection and Expect
 * @param expectContinue whether the body waits for 100 (Continue)
 */
record RequestHead(
        String method, String scheme, String authority, String target, HeaderFields fields, boolean expectContinue) {}
