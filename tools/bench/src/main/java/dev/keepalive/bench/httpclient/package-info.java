/** Requests of whole HTTP clients: what one costs with each, beside Netty's codec on raw channels. */
@NullMarked
package dev.keepalive.bench.httpclient;

import org.jspecify.annotations.NullMarked;
