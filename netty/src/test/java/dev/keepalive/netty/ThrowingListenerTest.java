package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** An exception of a listener ends its own lease and affects no other. */
class ThrowingListenerTest extends ConnectionRig {
    @Test
    void anExceptionFromInputEndsTheLeaseAndIsReportedToItsOwnListener() throws Exception {
        IllegalStateException thrown = new IllegalStateException("cannot parse");
        RecordingListener<String> broken = new RecordingListener<>() {
            @Override
            public void input(String frame) {
                super.input(frame);
                throw thrown;
            }
        };
        lease.connection().start(broken);

        peer.send("one\r\ntwo\r\n");

        assertThat(broken.end()).isSameAs(thrown);
        assertThat(lease.invalidatedBy).isSameAs(thrown);
        events.closeCause();
        assertThat(broken.inputs).containsExactly("one");
        assertThat(broken.ends).hasValue(1);
        assertThat(rig.dial(server).link().channel().isActive()).isTrue();
    }

    @Test
    void anErrorFromStartedEndsTheLease() throws Exception {
        Error thrown = new AssertionError("broken");
        RecordingListener<String> broken = new RecordingListener<>() {
            @Override
            public void started(FrameStream<String> frames) {
                throw thrown;
            }
        };

        lease.connection().start(broken);

        assertThat(broken.end()).isSameAs(thrown);
        events.closeCause();
    }

    @Test
    void aListenerThatThrowsAfterItsReleaseIsNotCalledAgainAndTheConnectionIsNotKept() throws Exception {
        lease.connection().start(new RecordingListener<>() {
            @Override
            public void input(String frame) {
                lease.release();
                throw new IllegalStateException("too late");
            }

            @Override
            public void ended(Throwable error) {
                listener.ended(error);
            }
        });

        peer.send("one\r\n");

        assertThat(events.reusable()).isFalse();
        assertThat(listener.ends).hasValue(0);
        assertThat(lease.invalidatedBy).isNull();
    }

    @Test
    void anExceptionFromEndedEndsTheLease() throws Exception {
        IllegalStateException thrown = new IllegalStateException("broken");
        lease.connection().start(new RecordingListener<>() {
            @Override
            public void ended(Throwable error) {
                throw thrown;
            }
        });

        peer.finish();

        events.closeCause();
        assertThat(lease.invalidatedBy).isSameAs(thrown);
    }
}
