package dev.keepalive.netty;

import io.netty.resolver.AbstractAddressResolver;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers from a table. A lookup of a stuck name is answered by the test, or never. */
final class FakeResolver extends AddressResolverGroup<InetSocketAddress> {
    final AtomicInteger queries = new AtomicInteger();
    private final BlockingQueue<Query> stuck = new LinkedBlockingQueue<>();
    private final Map<String, List<InetAddress>> table = new ConcurrentHashMap<>();
    volatile boolean closed;

    FakeResolver name(String host, String... addresses) {
        table.put(host, List.of(addresses).stream().map(FakeResolver::numeric).toList());
        return this;
    }

    FakeResolver stuck(String host) {
        table.put(host, List.of());
        return this;
    }

    /** Waits for a lookup of a stuck name. */
    Query nextStuck() throws Exception {
        Query query = stuck.poll(20, TimeUnit.SECONDS);
        if (query == null) {
            throw new AssertionError("no lookup of a stuck name came");
        }
        return query;
    }

    /** A lookup that the test answers, or leaves without an answer. */
    record Query(Promise<List<InetSocketAddress>> promise) {
        void answer(String... addresses) {
            promise.trySuccess(List.of(addresses).stream()
                    .map(address -> new InetSocketAddress(numeric(address), 0))
                    .toList());
        }

        void fail(Throwable cause) {
            promise.setFailure(cause);
        }
    }

    static InetAddress numeric(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        super.close();
    }

    /** Makes a resolver for each call, so that the event loop may be one that never terminates. */
    @Override
    public AddressResolver<InetSocketAddress> getResolver(EventExecutor executor) {
        return newResolver(executor);
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new AbstractAddressResolver<>(executor, InetSocketAddress.class) {
            @Override
            protected boolean doIsResolved(InetSocketAddress address) {
                return !address.isUnresolved();
            }

            @Override
            protected void doResolve(InetSocketAddress unresolved, Promise<InetSocketAddress> promise) {
                throw new AssertionError("only lookups of all addresses are expected");
            }

            @Override
            protected void doResolveAll(InetSocketAddress unresolved, Promise<List<InetSocketAddress>> promise) {
                queries.incrementAndGet();
                List<InetAddress> found = table.get(unresolved.getHostString());
                if (found == null) {
                    promise.setFailure(new UnknownHostException(unresolved.getHostString()));
                } else if (found.isEmpty()) {
                    stuck.add(new Query(promise));
                } else {
                    promise.setSuccess(found.stream()
                            .map(address -> new InetSocketAddress(address, 0))
                            .toList());
                }
            }
        };
    }
}
