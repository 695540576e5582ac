package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks a proxy for the way to the next endpoint, and reads its answer. The handlers behind it see an active channel
 * only when the proxy has agreed. Then this handler removes itself, and passes on what came behind the answer, which is
 * the next endpoint's. It has no timeout of its own. Event loop only.
 */
abstract class ProxyHandshake extends ByteToMessageDecoder {
    final Endpoint proxy;
    /** The endpoint that the proxy is asked for: the next proxy, or the last endpoint. */
    final Endpoint next;

    private final Promise<Void> done;
    private boolean asked;
    private boolean agreed;

    ProxyHandshake(Endpoint proxy, Endpoint next, EventLoop loop) {
        this.proxy = proxy;
        this.next = next;
        this.done = loop.newPromise();
    }

    /** Succeeds when the proxy has agreed, and fails with a {@link ProxyException}. */
    final Future<?> done() {
        return done;
    }

    /** What is sent first. */
    abstract ByteBuf greeting();

    /**
     * Reads what has arrived, as far as it is the proxy's answer.
     *
     * @return true if the proxy has agreed: then the rest of the input is the next endpoint's
     * @throws ProxyException if the proxy has refused, or its answer is not of its protocol
     */
    abstract boolean read(ChannelHandlerContext context, ByteBuf input) throws ProxyException;

    /** What the proxy has said so far, of the input that was read. */
    String saidSoFar() {
        return "";
    }

    /** The name or the numeric address of the next endpoint. A zone means something on this host only. */
    final String nextHost() {
        int zone = next.host().indexOf('%');
        return zone < 0 ? next.host() : next.host().substring(0, zone);
    }

    final ProxyException failure(String what) {
        return new ProxyException(proxy, what, null);
    }

    @Override
    public final void channelActive(ChannelHandlerContext context) {
        asked = true;
        context.writeAndFlush(greeting());
    }

    @Override
    protected final void decode(ChannelHandlerContext context, ByteBuf input, List<Object> output) {
        if (done.isDone()) {
            input.skipBytes(input.readableBytes());
            return;
        }
        try {
            if (!asked) {
                throw failure("spoke before it was asked");
            }
            agreed = read(context, input);
        } catch (ProxyException e) {
            done.tryFailure(e);
        }
        if (agreed) {
            context.fireChannelActive();
            context.pipeline().remove(this);
        }
    }

    @Override
    protected final void handlerRemoved0(ChannelHandlerContext context) {
        if (agreed) {
            done.trySuccess(null);
        }
    }

    @Override
    public final void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            closed(null);
        }
        super.userEventTriggered(context, event);
    }

    @Override
    public final void channelInactive(ChannelHandlerContext context) throws Exception {
        closed(null);
        super.channelInactive(context);
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        closed(cause);
        context.fireExceptionCaught(cause);
    }

    private void closed(@Nullable Throwable cause) {
        if (done.isDone()) {
            return;
        }
        String said = saidSoFar() + internalBuffer().toString(StandardCharsets.ISO_8859_1);
        String what = (cause == null ? "closed the connection" : "failed (" + cause.getMessage() + ")")
                + (said.isEmpty()
                        ? " before it answered"
                        : " in the middle of its answer: " + ProxyException.quoted(said));
        done.tryFailure(new ProxyException(proxy, what, cause));
    }
}
