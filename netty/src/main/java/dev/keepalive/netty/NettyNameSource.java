package dev.keepalive.netty;

import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lookups with a resolver of the user's. It is foreign code: what it returns is checked, and failures name it. Safe
 * from any thread.
 */
final class NettyNameSource implements NameSource {
    private final AddressResolverGroup<? extends InetSocketAddress> resolvers;

    NettyNameSource(AddressResolverGroup<? extends InetSocketAddress> resolvers) {
        this.resolvers = resolvers;
    }

    @Override
    public Future<List<InetAddress>> lookUp(String host, EventLoop loop) {
        AddressResolver<? extends InetSocketAddress> resolver = resolvers.getResolver(loop);
        if (resolver == null) {
            throw misbehaved("returned null instead of a resolver for an event loop");
        }
        Promise<List<InetAddress>> result = loop.newPromise();
        Future<?> query = ask(resolver, host, loop, result);
        result.addListener(done -> {
            if (done.isCancelled()) {
                query.cancel(false);
            }
        });
        return result;
    }

    private <T extends InetSocketAddress> Future<List<T>> ask(
            AddressResolver<T> resolver, String host, EventLoop loop, Promise<List<InetAddress>> result) {
        Future<List<T>> query =
                resolver.resolveAll(InetSocketAddress.createUnresolved(host, 0), new CancellablePromise<>(loop));
        if (query == null) {
            throw misbehaved("returned null instead of a future for '" + host + "'");
        }
        query.addListener(done -> {
            if (!query.isSuccess()) {
                result.tryFailure(query.cause());
                return;
            }
            try {
                result.trySuccess(addressesIn(query.getNow(), host));
            } catch (RuntimeException | UnknownHostException e) {
                result.tryFailure(e);
            }
        });
        return query;
    }

    private List<InetAddress> addressesIn(@Nullable List<? extends InetSocketAddress> answer, String host)
            throws UnknownHostException {
        if (answer == null) {
            throw misbehaved("answered with null instead of the addresses of '" + host + "'");
        }
        List<InetAddress> addresses = new ArrayList<>();
        for (InetSocketAddress found : answer) {
            if (found == null) {
                throw misbehaved("answered with null among the addresses of '" + host + "'");
            }
            if (!found.isUnresolved()) {
                addresses.add(found.getAddress());
            }
        }
        if (addresses.isEmpty()) {
            throw new UnknownHostException(host);
        }
        return addresses;
    }

    private IllegalStateException misbehaved(String what) {
        return new IllegalStateException("the resolver " + resolvers.getClass().getName() + " " + what);
    }

    /**
     * A promise that may be answered after it was cancelled. Netty's resolvers answer with {@code setSuccess}, which
     * throws then, and Netty would log that as a warning.
     */
    private static final class CancellablePromise<T> extends DefaultPromise<T> {
        CancellablePromise(EventExecutor executor) {
            super(executor);
        }

        @Override
        public Promise<T> setSuccess(T result) {
            return isCancelled() ? this : setUnlessCancelled(trySuccess(result));
        }

        @Override
        public Promise<T> setFailure(Throwable cause) {
            return isCancelled() ? this : setUnlessCancelled(tryFailure(cause));
        }

        private Promise<T> setUnlessCancelled(boolean set) {
            if (!set && !isCancelled()) {
                throw new IllegalStateException("the lookup was answered twice");
            }
            return this;
        }
    }
}
