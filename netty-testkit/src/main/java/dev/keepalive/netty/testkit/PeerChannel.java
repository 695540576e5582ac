package dev.keepalive.netty.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of a connection to a {@link ScriptedPeer}. It reads as a socket does: only when it is asked to, one
 * pass at a time, with the news of how much there was; and it ends as a socket does. Used on its event loop only.
 */
final class PeerChannel extends EmbeddedChannel implements DuplexChannel {
    private final EmbeddedLoop loop;
    private final ScriptedPeer peer;
    private final ChannelConfig config = new Config();

    /** What has arrived and is not read yet; each is one read pass. */
    private final Queue<Runnable> arrivals = new ArrayDeque<>();

    private boolean readPending;
    private boolean inputShutdown;
    private boolean outputShutdown;

    /** @param peer is told what the client has sent, and when it ends */
    PeerChannel(EmbeddedLoop loop, ScriptedPeer peer) {
        super(builder().register(false));
        this.loop = loop;
        this.peer = peer;
    }

    // ---- from the peer

    /** These bytes arrive in one read pass, in as many reads. */
    void arrive(byte[]... reads) {
        arriveLater(() -> {
            beginPass();
            var handle = unsafe().recvBufAllocHandle();
            for (int i = 0; i < reads.length && isActive(); i++) {
                // Only the last read comes back short: it has found the end of what is there.
                handle.attemptedBytesRead(reads[i].length + (i + 1 < reads.length ? 0 : 1));
                handle.lastBytesRead(reads[i].length);
                handle.incMessagesRead(1);
                pipeline().fireChannelRead(Unpooled.wrappedBuffer(reads[i]));
            }
            endPass();
        });
    }

    /** The peer's FIN arrives. */
    void arriveEnd() {
        arriveLater(() -> {
            beginPass();
            var handle = unsafe().recvBufAllocHandle();
            handle.attemptedBytesRead(1);
            handle.lastBytesRead(-1);
            endPass();
            inputEnds();
        });
    }

    /** The connection breaks, whether or not the channel reads. */
    void breakWith(IOException cause) {
        arrivals.clear();
        pipeline().fireExceptionCaught(cause);
        closeNow();
    }

    private void arriveLater(Runnable pass) {
        arrivals.add(pass);
        loop.execute(this::readNext);
    }

    private void readNext() {
        if (readPending && isActive() && !inputShutdown) {
            Runnable pass = arrivals.poll();
            if (pass != null) {
                pass.run();
            }
        }
    }

    private void beginPass() {
        readPending = false;
        unsafe().recvBufAllocHandle().reset(config());
    }

    private void endPass() {
        unsafe().recvBufAllocHandle().readComplete();
        pipeline().fireChannelReadComplete();
    }

    /** Half-closes or closes, as the channels of Netty do. */
    private void inputEnds() {
        if (Boolean.TRUE.equals(config.getOption(ChannelOption.ALLOW_HALF_CLOSURE))) {
            inputShutdown = true;
            pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
        } else {
            closeNow();
        }
    }

    void closeNow() {
        unsafe().close(voidPromise());
    }

    // ---- from the client

    @Override
    public EventLoop eventLoop() {
        return loop;
    }

    @Override
    public ChannelConfig config() {
        // Null while the constructor of the superclass runs.
        ChannelConfig own = config;
        return own == null ? super.config() : own;
    }

    @Override
    protected void doBeginRead() {
        readPending = true;
        loop.execute(this::readNext);
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (message instanceof ByteBuf && !outputShutdown) {
            return message;
        }
        throw new UnsupportedOperationException(
                outputShutdown ? "the output is shut down" : "unsupported message type: " + message.getClass());
    }

    @Override
    protected void handleOutboundMessage(Object message) {
        try {
            ByteBuf bytes = (ByteBuf) message;
            byte[] sent = new byte[bytes.readableBytes()];
            bytes.getBytes(bytes.readerIndex(), sent);
            peer.received(sent);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    protected void doClose() throws Exception {
        super.doClose();
        inputShutdown = true;
        endOutput();
    }

    private void endOutput() {
        if (!outputShutdown) {
            outputShutdown = true;
            peer.clientEnded();
        }
    }

    // ---- half of it

    @Override
    public boolean isInputShutdown() {
        return inputShutdown;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown;
    }

    @Override
    public boolean isShutdown() {
        return inputShutdown && outputShutdown;
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        return shutDown(true, false, promise);
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        return shutDown(false, true, promise);
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        return shutDown(true, true, promise);
    }

    private ChannelFuture shutDown(boolean input, boolean output, ChannelPromise promise) {
        loop.execute(() -> {
            inputShutdown |= input;
            if (output) {
                endOutput();
            }
            promise.setSuccess();
        });
        return promise;
    }

    /** Knows half-closing, which other embedded channels do not. */
    private final class Config extends DefaultChannelConfig {
        private boolean allowHalfClosure;

        Config() {
            super(PeerChannel.this);
        }

        @Override
        public Map<ChannelOption<?>, Object> getOptions() {
            return getOptions(super.getOptions(), ChannelOption.ALLOW_HALF_CLOSURE);
        }

        @SuppressWarnings("unchecked")
        @Override
        public <T> @Nullable T getOption(ChannelOption<T> option) {
            return option == ChannelOption.ALLOW_HALF_CLOSURE
                    ? (T) Boolean.valueOf(allowHalfClosure)
                    : super.getOption(option);
        }

        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
                validate(option, value);
                allowHalfClosure = (Boolean) value;
                return true;
            }
            return super.setOption(option, value);
        }
    }
}
