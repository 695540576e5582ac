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
 * The handlers of one connection: {@code [TlsInputLimit] [TLS to proxies] [TLS] InputGuard … UnreadInputHandler}. The
 * handlers of a lease are where the dots are. Event loop only, except where stated.
 *
 * <p>A context that has not been removed is where it was. So the number of handlers shows whether foreign code has
 * added others. The whole pipeline is looked through only in that case.
 */
final class LinkPipeline {
    private final Channel channel;
    private final EventLoop loop;
    private final InputGuard inputGuard;
    private final UnreadInputHandler unreadInput;
    /** Read by any thread; changes at most once, from null. */
    private volatile @Nullable SslHandler tls;
    /** The handlers that stay as long as the connection. Empty during the dial. */
    private List<ChannelHandlerContext> permanent = List.of();
    /** The size of the pipeline while it has only permanent handlers. */
    private int permanentSize;
    /** The handlers that the present lease has added through this class. */
    private final List<ChannelHandlerContext> added = new ArrayList<>(0);
    /** The lease has added a handler that removes itself and adds others, which are not tracked here. */
    private boolean addedUntracked;

    /** @param tls the handler to put before the input guard, or null for a connection in the clear */
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

    /** The TLS handler before the input guard, or null. Safe from any thread. */
    @Nullable
    SslHandler tls() {
        return tls;
    }

    /** Adds the permanent handlers behind those of proxies. */
    void fill(StreamEnd streamEnd) {
        if (tls != null) {
            channel.pipeline().addLast(tls);
        }
        handlers().forEach(handler -> {
            if (handler instanceof SslHandler any) {
                streamEnd.endsWith(any);
            }
        });
        channel.pipeline().addLast(inputGuard, unreadInput);
    }

    /** The dial has succeeded: the handlers that it has added and not removed are permanent. */
    void opened() {
        if (handlers().stream().anyMatch(SslHandler.class::isInstance)) {
            inputGuard.limitTls();
        }
        permanent = handlers().stream().map(channel.pipeline()::context).toList();
        permanentSize = size();
    }

    /**
     * Adds the handler of TLS to a connection in the clear, which begins the handshake. There must be no handlers of a
     * lease.
     */
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

    /** The number of names. Of Netty's ways to look into a pipeline, this one allocates least. */
    private int size() {
        return channel.pipeline().names().size();
    }

    /**
     * Adds handlers of a lease, all or none.
     *
     * @param cause why the connection has ended, if it has; the cause of the exception
     * @throws RuntimeException if a handler cannot be added
     */
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
     * Removes all handlers that are not permanent, from back to front. So the leftovers of a decoder reach the
     * {@link UnreadInputHandler}, and not another handler, which would hide them.
     *
     * @return false if the peer may now speak another protocol than at the beginning
     */
    boolean removeHandlersOfLease() {
        boolean sameProtocol = isAsAdded() ? removeAdded() : removeForeign();
        clearAdded();
        // Checked again: a handler may have added another one when it was removed.
        return sameProtocol && (isAsAdded() || handlers().equals(permanentHandlers()));
    }

    /**
     * The connection is closed. Drops all contexts, since a context goes on referring to its neighbors, and so to a
     * lease.
     */
    void clear() {
        clearAdded();
        permanent = List.of();
    }

    private void clearAdded() {
        added.clear();
        addedUntracked = false;
    }

    /** Whether the pipeline has only permanent handlers and those added through this class. */
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
        List<ChannelHandler> own = permanentHandlers();
        List<ChannelHandler> foreign = new ArrayList<>();
        boolean behindGuard = false;
        boolean sameProtocol = true;
        for (ChannelHandler handler : handlers()) {
            behindGuard |= handler == inputGuard;
            if (!own.contains(handler)) {
                ChannelHandlerContext context = pipeline.context(handler);
                boolean onLoop = context == null || context.executor() == loop;
                sameProtocol &= behindGuard && onLoop && !(handler instanceof SslHandler);
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
     * Closes the channel without the handlers of a lease, which might not pass a close on. They are still told when the
     * channel is closed.
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

    /** Whether only permanent handlers are between the input guard and the network. */
    private boolean hasOnlyOwnHandlersBeforeGuard() {
        if (permanent.isEmpty()) {
            return true;
        }
        List<ChannelHandler> present = handlers();
        List<ChannelHandler> own = permanentHandlers();
        int upToGuard = own.indexOf(inputGuard) + 1;
        return present.size() >= upToGuard && present.subList(0, upToGuard).equals(own.subList(0, upToGuard));
    }

    /** Whether TLS, if there is any, is open in both directions. */
    boolean isTlsIntact() {
        SslHandler handler = tls;
        return handler == null
                || (!handler.engine().isInboundDone() && !handler.engine().isOutboundDone());
    }
}
