package dev.keepalive.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPipelineException;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The handlers of one connection: {@code [TLS to proxies] [TLS] gate … tail}, and what a lease adds stands at the dots. Event loop only.
 */
final class LinkPipeline {
    private final Channel channel;
    private final EventLoop loop;
    private final Gate gate;
    private final Tail tail;
    /** Read from any thread; changes at most once, from null. */
    private volatile @Nullable SslHandler tls;
    /** The handlers that are there for as long as the connection is. Empty while it is opened. */
    private List<ChannelHandler> permanent = List.of();

    /** @param tls the handler to put before the gate, or null for a connection in the clear */
    LinkPipeline(Channel channel, EventLoop loop, Gate gate, Tail tail, @Nullable SslHandler tls) {
        this.channel = channel;
        this.loop = loop;
        this.gate = gate;
        this.tail = tail;
        this.tls = tls;
    }

    /** The handler before the gate, or null. Safe from any thread. */
    @Nullable
    SslHandler tls() {
        return tls;
    }

    void fill() {
        if (tls != null) {
            channel.pipeline().addLast(tls);
        }
        channel.pipeline().addLast(gate, tail);
    }

    /** The dial has succeeded: what it has put in, and not taken away, stays. */
    void opened() {
        permanent = handlers();
    }

    /** What was in the clear begins to shake hands. There must be no handlers of a lease. */
    void startTls(SslHandler handler) {
        tls = handler;
        channel.pipeline().addBefore(channel.pipeline().context(gate).name(), null, handler);
        permanent = handlers();
    }

    private List<ChannelHandler> handlers() {
        return List.copyOf(channel.pipeline().toMap().values());
    }

    /** Adds handlers of a lease, all or none. */
    void add(List<? extends ChannelHandler> handlers, @Nullable Throwable cause) {
        ChannelPipeline pipeline = channel.pipeline();
        List<ChannelHandler> added = new ArrayList<>();
        try {
            for (ChannelHandler handler : handlers) {
                pipeline.addBefore(pipeline.context(tail).name(), null, handler);
                if (pipeline.context(handler) == null && !(handler instanceof ChannelInitializer)) {
                    throw new ChannelPipelineException(handler + " could not be added", cause);
                }
                added.add(handler);
            }
        } catch (RuntimeException e) {
            added.forEach(pipeline::remove);
            throw e;
        }
    }

    /**
     * Takes away what is not ours, back to front, so that what decoders have left over runs into the tail, and not into another handler which would
     * keep it to itself.
     *
     * @return false if the peer may speak another protocol now than it did in the beginning
     */
    boolean removeHandlersOfLease() {
        ChannelPipeline pipeline = channel.pipeline();
        List<ChannelHandler> foreign = new ArrayList<>();
        boolean behindGate = false;
        boolean sameProtocol = true;
        for (ChannelHandler handler : handlers()) {
            behindGate |= handler == gate;
            if (!permanent.contains(handler)) {
                ChannelHandlerContext context = pipeline.context(handler);
                boolean onLoop = context == null || context.executor() == loop;
                sameProtocol &= behindGate && onLoop && !(handler instanceof SslHandler);
                foreign.add(handler);
            }
        }
        Collections.reverse(foreign);
        for (ChannelHandler handler : foreign) {
            if (pipeline.context(handler) != null) {
                pipeline.remove(handler);
            }
        }
        // Looked at anew: a handler may have added another one when it was taken away.
        return sameProtocol && handlers().equals(permanent);
    }

    /** Past the handlers of a lease, which may keep a close to themselves; they are told that the connection is gone. */
    void close() {
        ChannelPipeline pipeline = channel.pipeline();
        ChannelHandlerContext context = pipeline.context(gate);
        if (context != null && nobodyIsInFront()) {
            context.close();
        } else {
            channel.unsafe().close(channel.voidPromise());
        }
    }

    /** Whether between the gate and the wire there is nothing but what is ours. */
    private boolean nobodyIsInFront() {
        if (permanent.isEmpty()) {
            return true;
        }
        List<ChannelHandler> present = handlers();
        int upToGate = permanent.indexOf(gate) + 1;
        return present.size() >= upToGate && present.subList(0, upToGate).equals(permanent.subList(0, upToGate));
    }

    /** Whether TLS, if there is any, goes on in both directions. */
    boolean isTlsWhole() {
        SslHandler front = tls;
        return front == null
                || (!front.engine().isInboundDone() && !front.engine().isOutboundDone());
    }
}
