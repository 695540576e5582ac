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
 * The handlers of one connection: {@code [TLS to proxies] [TLS] gate … tail}, and what a lease adds stands at the dots.
 * Event loop only.
 *
 * <p>A context that has not been removed stands where it stood. So what is in the pipeline is known from their number,
 * unless somebody has put in something else: only then is it looked through.
 */
final class LinkPipeline {
    private final Channel channel;
    private final EventLoop loop;
    private final InputGuard inputGuard;
    private final UnreadInputHandler unreadInput;
    /** Read from any thread; changes at most once, from null. */
    private volatile @Nullable SslHandler tls;
    /** What is there for as long as the connection is. Empty while it is opened. */
    private List<ChannelHandlerContext> permanent = List.of();
    /** As many are in the pipeline when there is nothing in it but what is permanent. */
    private int permanentSize;
    /** What the present lease has added here. */
    private final List<ChannelHandlerContext> added = new ArrayList<>(0);
    /** The lease has added what is not to be found again: a handler that takes itself out, and others in. */
    private boolean addedUntracked;

    /** @param tls the handler to put before the gate, or null for a connection in the clear */
    LinkPipeline(
            Channel channel,
            EventLoop loop,
            InputGuard inputGuard,
            UnreadInputHandler unreadInput,
            @Nullable SslHandler tls) {
        this.channel = channel;
        this.loop = loop;
        this.inputGuard = inputGuard;
        this.unreadInput = unreadInput;
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
        channel.pipeline().addLast(inputGuard, unreadInput);
    }

    /** The dial has succeeded: what it has put in, and not taken away, stays. */
    void opened() {
        permanent = handlers().stream().map(channel.pipeline()::context).toList();
        permanentSize = size();
    }

    /** What was in the clear begins to shake hands. There must be no handlers of a lease. */
    void startTls(SslHandler handler) {
        tls = handler;
        channel.pipeline().addBefore(channel.pipeline().context(inputGuard).name(), null, handler);
        opened();
    }

    private List<ChannelHandler> handlers() {
        return List.copyOf(channel.pipeline().toMap().values());
    }

    private List<ChannelHandler> permanentHandlers() {
        return permanent.stream().map(ChannelHandlerContext::handler).toList();
    }

    /** The least that Netty makes of its pipeline when it is asked what is in it. */
    private int size() {
        return channel.pipeline().names().size();
    }

    /** Adds handlers of a lease, all or none. */
    void add(List<? extends ChannelHandler> handlers, @Nullable Throwable cause) {
        int before = added.size();
        try {
            for (int i = 0; i < handlers.size(); i++) {
                add(handlers.get(i), cause);
            }
        } catch (RuntimeException e) {
            while (added.size() > before) {
                channel.pipeline().remove(added.remove(added.size() - 1).handler());
            }
            throw e;
        }
    }

    private void add(ChannelHandler handler, @Nullable Throwable cause) {
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addBefore(pipeline.context(unreadInput).name(), null, handler);
        ChannelHandlerContext context = pipeline.context(handler);
        if (context != null) {
            added.add(context);
        } else if (handler instanceof ChannelInitializer) {
            addedUntracked = true;
        } else {
            throw new ChannelPipelineException(handler + " could not be added", cause);
        }
    }

    /**
     * Takes away what is not ours, back to front, so that what decoders have left over runs into the tail, and not into
     * another handler which would keep it to itself.
     *
     * @return false if the peer may speak another protocol now than it did in the beginning
     */
    boolean removeHandlersOfLease() {
        boolean sameProtocol = isAsAdded() ? removeAdded() : removeForeign();
        clearAdded();
        // Looked at anew: a handler may have added another one when it was taken away.
        return sameProtocol && (isAsAdded() || handlers().equals(permanentHandlers()));
    }

    /** The connection is closed. A context goes on referring to those beside it, and so to a lease: none is kept. */
    void clear() {
        clearAdded();
        permanent = List.of();
    }

    private void clearAdded() {
        added.clear();
        addedUntracked = false;
    }

    /** Whether there is nothing in the pipeline but what is permanent, and what was added here. */
    private boolean isAsAdded() {
        return !addedUntracked && size() == permanentSize + added.size() && arePresent(permanent) && arePresent(added);
    }

    private static boolean arePresent(List<ChannelHandlerContext> contexts) {
        for (int i = 0; i < contexts.size(); i++) {
            if (contexts.get(i).isRemoved()) {
                return false;
            }
        }
        return true;
    }

    private boolean removeAdded() {
        boolean sameProtocol = true;
        for (int i = added.size() - 1; i >= 0; i--) {
            ChannelHandlerContext context = added.get(i);
            sameProtocol &= !(context.handler() instanceof SslHandler);
            if (!context.isRemoved()) {
                channel.pipeline().remove(context.handler());
            }
        }
        return sameProtocol;
    }

    private boolean removeForeign() {
        ChannelPipeline pipeline = channel.pipeline();
        List<ChannelHandler> ours = permanentHandlers();
        List<ChannelHandler> foreign = new ArrayList<>();
        boolean behindGate = false;
        boolean sameProtocol = true;
        for (ChannelHandler handler : handlers()) {
            behindGate |= handler == inputGuard;
            if (!ours.contains(handler)) {
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
        return sameProtocol;
    }

    /**
     * Past the handlers of a lease, which may keep a close to themselves; they are told that the connection is gone.
     */
    void close() {
        ChannelPipeline pipeline = channel.pipeline();
        ChannelHandlerContext context = pipeline.context(inputGuard);
        if (context != null && hasOnlyOwnHandlersBeforeGuard()) {
            context.close();
        } else {
            channel.unsafe().close(channel.voidPromise());
        }
    }

    /** Whether between the gate and the wire there is nothing but what is ours. */
    private boolean hasOnlyOwnHandlersBeforeGuard() {
        if (permanent.isEmpty()) {
            return true;
        }
        List<ChannelHandler> present = handlers();
        List<ChannelHandler> ours = permanentHandlers();
        int upToGate = ours.indexOf(inputGuard) + 1;
        return present.size() >= upToGate && present.subList(0, upToGate).equals(ours.subList(0, upToGate));
    }

    /** Whether TLS, if there is any, goes on in both directions. */
    boolean isTlsIntact() {
        SslHandler front = tls;
        return front == null
                || (!front.engine().isInboundDone() && !front.engine().isOutboundDone());
    }
}
