package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and answers in lines, over real sockets, against a server that the test controls. */
class RequestResponseTest extends ProtocolRig {
    @Test
    void answersComeInTheOrderOfTheirRequestsAndTheConnectionIsKept() throws Exception {
        Lease<Requests<String, String>> first = acquire();
        CompletableFuture<String> one = first.connection().send("one\n");
        CompletableFuture<String> two = first.connection().send("two\n");
        ScriptedServer.Peer peer = server.accept();
        assertThat(peer.readLine()).isEqualTo("one");
        assertThat(peer.readLine()).isEqualTo("two");
        peer.send("ONE\nTWO\n");
        assertThat(one.get(20, TimeUnit.SECONDS)).isEqualTo("ONE");
        assertThat(two.get(20, TimeUnit.SECONDS)).isEqualTo("TWO");
        assertThat(first.release()).isTrue();

        Lease<Requests<String, String>> second = acquire();
        assertThat(second.uses()).isEqualTo(2);
        CompletableFuture<String> three = second.connection().send("three\n");
        assertThat(peer.readLine()).isEqualTo("three");
        peer.send("THREE\n");
        assertThat(three.get(20, TimeUnit.SECONDS)).isEqualTo("THREE");
        second.release();
    }

    @Test
    void aConnectionWithAnOutstandingAnswerIsClosedAtRelease() throws Exception {
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> answer = lease.connection().send("one\n");
        ScriptedServer.Peer peer = server.accept();
        peer.readLine();
        lease.release();
        assertThat(peer.readAll()).isEmpty();
        assertThat(lost(answer).isUnsent()).isFalse();
        assertThat(acquire().origin()).isEqualTo(LeaseOrigin.NEW);
        await().until(() -> server.connections() == 2);
        manager.close();
    }

    /** The peer says why, and closes: in that very moment a request is sent. Its failure tells what the peer said. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("L70")
    void aRequestOnAConnectionThatIsJustClosedFailsWithTheReason(boolean pipelined) throws Exception {
        AtomicReference<ProtocolContext> context = new AtomicReference<>();
        speak(installed -> {
            context.set(installed);
            return (pipelined ? LINES.pipelined(2) : LINES).install(installed);
        });
        Lease<Requests<String, String>> lease = acquire();
        IOException reason = new IOException("the peer said so");
        CompletableFuture<CompletableFuture<String>> sent = new CompletableFuture<>();
        context.get().channel().eventLoop().execute(() -> {
            context.get().close(reason);
            sent.complete(lease.connection().send("late\n"));
        });
        RequestException failure = lost(sent.get(20, TimeUnit.SECONDS));
        assertThat(failure).hasCause(reason);
        assertThat(failure.isUnsent()).isTrue();
        lease.release();
    }

    @Test
    void aHandleDoesNotWorkAfterItsLease() throws Exception {
        Lease<Requests<String, String>> first = acquire();
        Requests<String, String> stale = first.connection();
        first.release();
        Lease<Requests<String, String>> second = acquire();
        assertThatThrownBy(() -> stale.send("late\n"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("lease has ended");
        CompletableFuture<String> own = second.connection().send("own\n");
        ScriptedServer.Peer peer = server.accept();
        assertThat(peer.readLine()).isEqualTo("own");
        peer.send("OWN\n");
        assertThat(own.get(20, TimeUnit.SECONDS)).isEqualTo("OWN");
        assertThat(second.release()).isTrue();
    }

    @Test
    void theAnswerToACancelledRequestReachesNoOtherRequest() throws Exception {
        Lease<Requests<String, String>> lease = acquire();
        lease.connection().send("one\n").cancel(false);
        CompletableFuture<String> two = lease.connection().send("two\n");
        afterRequests(2).send("ONE\nTWO\n");
        assertThat(two.get(20, TimeUnit.SECONDS)).isEqualTo("TWO");
        assertThat(lease.release()).isTrue();
        assertThat(acquire().uses()).isEqualTo(2);
        manager.close();
    }

    /** Else a program that opens many connections keeps each for as long as an answer may take. */
    @Test
    void theEndOfAConnectionEndsItsTimer() {
        EmbeddedChannel channel = new EmbeddedChannel();
        Session<Requests<String, String>> session =
                LINES.withAnswerTimeout(Duration.ofHours(1)).install(contextOf(channel));
        session.open(null).send("one\n");
        assertThat(channel.runScheduledPendingTasks())
                .as("time to the next timer")
                .isPositive();

        session.closed(null);

        assertThat(channel.runScheduledPendingTasks()).as("no timer").isEqualTo(-1);
        channel.finishAndReleaseAll();
    }

    private static ProtocolContext contextOf(EmbeddedChannel channel) {
        InvocationHandler answers = (proxy, method, arguments) -> switch (method.getName()) {
            case "channel" -> channel;
            case "pipeline" -> channel.pipeline();
            case "execute" -> {
                ((Runnable) arguments[1]).run();
                yield true;
            }
            case "flushes" -> 0L;
            default -> throw new UnsupportedOperationException(method.toString());
        };
        return (ProtocolContext) Proxy.newProxyInstance(
                ProtocolContext.class.getClassLoader(), new Class<?>[] {ProtocolContext.class}, answers);
    }

    @Test
    void anAnswerWithoutARequestEndsTheConnection() throws Exception {
        Lease<Requests<String, String>> lease = acquire();
        lease.connection();
        assertThat(server.accept().send("not asked for\n").readAll())
                .as("closed")
                .isEmpty();
        assertThat(lost(lease.connection().send("late\n")).isUnsent()).isTrue();
        lease.invalidate();
    }

    @Test
    void aPeerThatClosesFailsTheRequestAndSaysThatItMayHaveBeenSent() throws Exception {
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> answer = lease.connection().send("one\n");
        ScriptedServer.Peer peer = server.accept();
        peer.readLine();
        peer.close();
        RequestException lost = lost(answer);
        assertThat(lost.isUnsent()).isFalse();
        assertThat(lost).hasMessageContaining("may have been sent");
        lease.invalidate();
    }

    /** A FIN in the middle of a request closes the connection: no caller of a codec waits for ever. */
    @Test
    void aHalfCloseByThePeerFailsTheRequest() throws Exception {
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> answer = lease.connection().send("one\n");
        ScriptedServer.Peer peer = server.accept();
        peer.readLine();
        peer.finish();
        assertThat(lost(answer).isUnsent()).isFalse();
        lease.invalidate();
    }

    @Test
    void anAnswerThatTakesTooLongFailsWithTheLimit() throws Exception {
        speak(LINES.withAnswerTimeout(Duration.ofMillis(50)));
        Lease<Requests<String, String>> lease = acquire();
        RequestException lost = lost(lease.connection().send("one\n"));
        assertThat(lost).hasRootCauseMessage("no answer within the answerTimeout of PT0.05S");
        assertThat(server.accept().readAll()).isEqualTo("one\n");
        lease.invalidate();
    }

    @Test
    void anAnswerTimeoutMustBePositive() {
        assertThatThrownBy(() -> LINES.withAnswerTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0S")
                .hasMessageContaining("more than 0");
    }

    @Test
    void aBlockingCallReturnsTheAnswerOrThrowsWhatWasLost() throws Exception {
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> called = CompletableFuture.supplyAsync(() -> {
            try {
                return lease.connection().call("one\n");
            } catch (IOException | InterruptedException e) {
                throw new CompletionException(e);
            }
        });
        ScriptedServer.Peer peer = server.accept();
        peer.readLine();
        peer.send("ONE\n");
        assertThat(called.get(20, TimeUnit.SECONDS)).isEqualTo("ONE");
        peer.close();
        assertThatThrownBy(() -> lease.connection().call("two\n")).isInstanceOf(RequestException.class);
        lease.invalidate();
    }

    @Test
    void aBlockingCallOnAnEventLoopIsRefused() throws Exception {
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<Throwable> refused = lease.connection().send("one\n").thenApply(answer -> {
            try {
                return new AssertionError(lease.connection().call("two\n"));
            } catch (Exception e) {
                return e;
            }
        });
        afterRequests(1).send("ONE\n");
        assertThat(refused.get(20, TimeUnit.SECONDS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("event loop");
        lease.release();
    }

    @Test
    void aMessageOfAnotherTypeEndsTheConnection() throws Exception {
        speak(context -> {
            RequestResponse<String, String> noStrings = RequestResponse.of(
                    String.class, pipeline -> pipeline.addLast(new LineBasedFrameDecoder(100), new StringEncoder()));
            return noStrings.install(context);
        });
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> answer = lease.connection().send("one\n");
        afterRequests(1).send("ONE\n");
        assertThat(lost(answer).getCause()).hasMessageContaining("java.lang.String");
        lease.invalidate();
    }

    @Test
    @Tag("L67")
    void aRequestThatNoEncoderTakesEndsTheConnection() throws Exception {
        speak(context -> {
            RequestResponse<String, String> noEncoder = RequestResponse.of(
                    String.class, pipeline -> pipeline.addLast(new LineBasedFrameDecoder(100), new StringDecoder()));
            return noEncoder.install(context);
        });
        Lease<Requests<String, String>> lease = acquire();
        RequestException lost = lost(lease.connection().send("one\n"));
        assertThat(lost).hasRootCauseMessage("only bytes can be sent, not a java.lang.String: is an encoder missing?");
        lease.invalidate();
    }

    @Test
    void anAnswerThatCannotBeDecodedEndsTheConnection() throws Exception {
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> answer = lease.connection().send("one\n");
        afterRequests(1).send("x".repeat(2000) + "\n");
        assertThat(lost(answer).getCause()).hasMessageContaining("frame length");
        lease.invalidate();
    }

    @Test
    void aPeerThatSpeaksFirstIsHeard() throws Exception {
        speak(LINES.withGreeting());
        CompletableFuture<Lease<Requests<String, String>>> acquired = manager.acquire(endpoint);
        ScriptedServer.Peer peer = server.accept();
        peer.send("220 welcome\n");
        Lease<Requests<String, String>> lease = acquired.get(20, TimeUnit.SECONDS);
        assertThat(lease.connection().greeting().get(20, TimeUnit.SECONDS)).isEqualTo("220 welcome");
        CompletableFuture<String> answer = lease.connection().send("HELO\n");
        peer.readLine();
        peer.send("250 OK\n");
        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("250 OK");
        lease.release();
        Lease<Requests<String, String>> second = acquire();
        assertThat(second.uses()).isEqualTo(2);
        assertThat(second.connection().greeting().get(20, TimeUnit.SECONDS)).isEqualTo("220 welcome");
        second.release();
    }

    @Test
    void aConnectionWithoutItsGreetingIsNotKept() throws Exception {
        speak(LINES.withGreeting());
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> greeting = lease.connection().greeting();
        lease.release();
        assertThat(server.accept().readAll()).as("closed").isEmpty();
        assertThat(lost(greeting)).hasMessageContaining("greeting");
    }

    @Test
    void aGreetingIsRefusedWhereTheProtocolHasNone() throws Exception {
        Lease<Requests<String, String>> lease = acquire();
        assertThatThrownBy(() -> lease.connection().greeting()).hasMessageContaining("withGreeting");
        lease.release();
    }

    /** What arrives before the protocol is installed waits for it. */
    /** A combined codec hides its decoder: what it has kept of an earlier read is not seen. */
}
