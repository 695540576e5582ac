package dev.keepalive.netty.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireException;
import dev.keepalive.Lease;
import dev.keepalive.netty.RequestException;
import dev.keepalive.netty.Requests;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a client meets when its peer follows a script: the answers, the ends, and the silence of real peers. */
class ScriptedPeerTest extends EmbeddedRig {
    @Test
    void aBlockingClientFindsItsAnswersInTheScriptAndReusesTheConnection() throws Exception {
        lines.nextPeer().expect("one\n").send("ONE\n").expect("two\n").send("TWO\n");
        assertThat(call("one\n")).isEqualTo("ONE");
        assertThat(call("two\n")).isEqualTo("TWO");
        assertThat(lines.peers()).hasSize(1);
        assertThat(peer(1).endpoint()).isEqualTo(endpoint);
        lines.check();
    }

    @Test
    void aScriptIsWrittenStepByStepWhileTheClientActs() {
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> one = lease.connection().send("one\n");
        CompletableFuture<String> two = lease.connection().send("two\n");
        assertThat(one).isNotDone();
        peer(1).expect("one\ntwo\n").send("ONE\n");
        assertThat(one).isCompletedWithValue("ONE");
        assertThat(two).isNotDone();
        peer(1).send("TWO\n");
        assertThat(two).isCompletedWithValue("TWO");
        assertThat(lease.release()).isTrue();
        assertThat(peer(1).isOpen()).isTrue();
        lines.check();
    }

    @Test
    void anAnswerInPiecesIsOneAnswer() throws Exception {
        lines.nextPeer()
                .expect("one\n")
                .send("O", "N", "E\n")
                .splitEvery(1)
                .expect("two\n")
                .send("TWO\r\n");
        assertThat(call("one\n")).isEqualTo("ONE");
        assertThat(call("two\n")).isEqualTo("TWO");
        assertThat(lines.peers()).hasSize(1);
        lines.check();
    }

    @Test
    void nothingOfTheNextRequestIsSentIfThePeerSaysTooMuchInTheSameReadPass() {
        Lease<Requests<String, String>> first = acquire();
        CompletableFuture<RequestException> second = first.connection()
                .send("one\n")
                .thenCompose(answer -> {
                    first.release();
                    return acquire().connection().send("two\n").handle((none, lost) -> (RequestException) lost);
                });
        peer(1).expect("one\n").sendTogether("ONE\n", "STRAY\n");
        assertThat(second).isCompleted();
        assertThat(second.join().isUnsent()).isTrue();
        peer(1).expectEnd();
        lines.check();
        manager.close();
    }

    @Test
    void aPeerThatSaysTooMuchWithItsAnswerLosesItsConnection() throws Exception {
        lines.nextPeer().expect("one\n").send("ONE\nSTRAY\n").expectEnd();
        lines.nextPeer().expect("two\n").send("TWO\n");
        assertThat(call("one\n")).isEqualTo("ONE");
        assertThat(call("two\n")).isEqualTo("TWO");
        lines.check();
    }

    @Test
    void whatAPeerSaysToAnIdleConnectionClosesIt() {
        acquire().release();
        peer(1).send("unasked\n").expectEnd();
        assertThat(peer(1).isOpen()).isFalse();
        acquire().release();
        assertThat(lines.peers()).hasSize(2);
        lines.check();
    }

    @Test
    void aPeerThatClosesFailsTheRequest() {
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> answer = lease.connection().send("one\n");
        peer(1).expect("one\n").send("ON").close();
        assertThat(lost(answer).isUnsent()).isFalse();
        lease.invalidate();
    }

    @Test
    void aConnectionThatBreaksTellsWhy() {
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> answer = lease.connection().send("one\n");
        peer(1).reset();
        assertThat(lost(answer)).hasRootCauseMessage("Connection reset");
        assertThat(peer(1).received()).isEqualTo("one\n");
        lease.invalidate();
        lines.check();
    }

    /** One restart of a server ends all connections in the middle of a request; the next ones are reused again. */
    @Test
    @Tag("L66")
    void aServerThatIsRestartedDoesNotEndTheReuse() throws Exception {
        manager.maxOpenPerEndpoint(4);
        for (int i = 0; i < 4; i++) {
            lines.nextPeer().expect("one\n").send("ONE\n").expect("two\n").reset();
        }
        for (String request : List.of("one\n", "two\n")) {
            List<Lease<Requests<String, String>>> leases = List.of(acquire(), acquire(), acquire(), acquire());
            List<CompletableFuture<String>> answers = leases.stream()
                    .map(lease -> lease.connection().send(request))
                    .toList();
            assertThat(answers).allSatisfy(answer -> assertThat(answer.isCompletedExceptionally())
                    .isEqualTo(request.equals("two\n")));
            leases.forEach(Lease::release);
        }
        lines.nextPeer().expect("one\n").send("ONE\n").expect("two\n").send("TWO\n");
        assertThat(call("one\n")).isEqualTo("ONE");
        assertThat(call("two\n")).isEqualTo("TWO");
        lines.check();
    }

    @Test
    void aSilentPeerRunsIntoTheAnswerTimeout() {
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> answer = lease.connection().send("one\n");
        lines.time().advance(ANSWER_TIMEOUT.minusMillis(1));
        assertThat(answer).isNotDone();
        lines.time().advance(Duration.ofMillis(1));
        assertTimedOut(lost(answer));
        peer(1).expect("one\n").expectEnd();
        lease.invalidate();
        lines.check();
    }

    /** Unlike a peer that ends its connections behind their answers. */
    @Test
    @Tag("L68")
    void aPeerThatIsTooSlowNowAndThenDoesNotEndTheReuse() throws Exception {
        for (int i = 1; i <= 3; i++) {
            lines.nextPeer().expect("one\n").send("ONE\n").expect("two\n").expectEnd();
            assertThat(call("one\n")).isEqualTo("ONE");
            Lease<Requests<String, String>> lease = acquire();
            CompletableFuture<String> late = lease.connection().send("two\n");
            lines.time().advance(ANSWER_TIMEOUT);
            assertTimedOut(lost(late));
            lease.invalidate();
            assertThat(lines.peers()).hasSize(i);
        }
        lines.nextPeer().expect("one\n").send("ONE\n").expect("two\n").send("TWO\n");
        assertThat(call("one\n")).isEqualTo("ONE");
        assertThat(call("two\n")).isEqualTo("TWO");
        lines.check();
    }

    @Test
    void anIdleConnectionEndsAtTheIdleTimeout() {
        acquire().release();
        peer(1).expectEnd();
        lines.time().advance(Duration.ofSeconds(13));
        assertThat(lines.open()).isEqualTo(1);
        lines.time().advance(Duration.ofSeconds(2));
        assertThat(lines.open()).isZero();
        lines.check();
    }

    @Test
    void anAcquireThatWaitsTooLongFails() {
        Lease<Requests<String, String>> only = acquire();
        CompletableFuture<Lease<Requests<String, String>>> waiting = manager.acquire(endpoint);
        lines.time().advance(Duration.ofSeconds(119));
        assertThat(waiting).isNotDone();
        lines.time().advance(Duration.ofSeconds(1));
        assertThat(failure(waiting, AcquireException.TimedOut.class)).hasMessageContaining("queue");
        only.release();
    }

    @Test
    void aPeerThatRefusesFailsTheDial() {
        lines.nextPeer().refuse();
        assertThatThrownBy(() -> call("one\n"))
                .isInstanceOfSatisfying(AcquireException.DialFailed.class, failure -> assertThat(failure.errorNumber())
                        .isEqualTo(111));
        lines.check();
    }

    @Test
    void aPeerThatIsUnreachableRunsIntoTheDialTimeout() {
        lines.nextPeer().stayUnreachable();
        CompletableFuture<Lease<Requests<String, String>>> acquired = manager.acquire(endpoint);
        lines.time().advance(Duration.ofSeconds(29));
        assertThat(acquired).isNotDone();
        lines.time().advance(Duration.ofSeconds(1));
        assertThat(failure(acquired, AcquireException.DialFailed.class)).hasMessageContaining("connect error 110");
        lines.check();
    }

    @Test
    void howADialEndsCanBeSaidOnlyBeforeIt() {
        acquire().release();
        assertThatThrownBy(() -> peer(1).refuse())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nextPeer");
        assertThatThrownBy(() -> lines.nextPeer().splitEvery(0)).hasMessageContaining("splitEvery 0 is not allowed");
    }
}
