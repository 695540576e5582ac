package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.channels.ClosedChannelException;

/**
 * Keeps the channel inactive for the handlers behind it until the TLS handshake with a proxy is done and the name of
 * the proxy is verified, so that no password goes to another host. Then it removes itself. Event loop only.
 */
final class ProxyVerification extends ChannelInboundHandlerAdapter {
    private final SslHandler tls;
    private final TlsSettings settings;
    private final Endpoint proxy;
    private final Promise<Void> done;

    ProxyVerification(SslHandler tls, TlsSettings settings, Endpoint proxy, EventLoop loop) {
        this.tls = tls;
        this.settings = settings;
        this.proxy = proxy;
        this.done = loop.newPromise();
    }

    /** Succeeds when the proxy is verified. */
    Future<?> done() {
        return done;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        // Not passed on yet.
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
            context.fireUserEventTriggered(event);
        } else if (!handshake.isSuccess()) {
            done.tryFailure(handshake.cause());
        } else {
            verify(context);
        }
    }

    /** A proxy that speaks before it is verified is heard by no handler behind this one. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
        done.tryFailure(new ProxyException(proxy, "spoke before it was asked", null));
    }

    private void verify(ChannelHandlerContext context) {
        try {
            settings.verifyName(tls, proxy);
        } catch (Throwable e) {
            done.tryFailure(e);
            return;
        }
        done.trySuccess(null);
        context.fireChannelActive();
        context.pipeline().remove(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        done.tryFailure(new ClosedChannelException());
        context.fireChannelInactive();
    }
}
