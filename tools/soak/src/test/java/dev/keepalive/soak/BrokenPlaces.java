package dev.keepalive.soak;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.netty.Protocol;
import dev.keepalive.netty.ProtocolContext;
import dev.keepalive.netty.Requests;
import dev.keepalive.netty.Session;
import dev.keepalive.netty.SharedSession;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A manager that takes the number of leases of a connection for another one, or frees the place of a lease when it
 * ends, and not when nothing is left of it.
 */
record BrokenPlaces(IntUnaryOperator capacity, boolean freesTooEarly) implements SoakClient {
    @Override
    public ConnectionManager<Requests<CheckedExchange, String>> manager(
            ManagerBuilder<Requests<CheckedExchange, String>> builder) {
        return builder.build();
    }

    @Override
    public Protocol<Requests<CheckedExchange, String>> protocol(Protocol<Requests<CheckedExchange, String>> usual) {
        return new Protocol<>() {
            @Override
            public Session<Requests<CheckedExchange, String>> install(ProtocolContext context) throws Exception {
                Session<Requests<CheckedExchange, String>> session = usual.install(broken(context));
                boolean isMux = EndpointKind.of(context.endpoint()) == EndpointKind.MUX;
                return isMux && freesTooEarly
                        ? new Hasty<>(context, (SharedSession<Requests<CheckedExchange, String>>) session)
                        : session;
            }

            @Override
            public int expectedLeases(Endpoint endpoint) {
                return usual.expectedLeases(endpoint);
            }
        };
    }

    private ProtocolContext broken(ProtocolContext context) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.getName().equals("capacity")) {
                arguments[0] = capacity.applyAsInt((Integer) arguments[0]);
            }
            return method.invoke(context, arguments);
        };
        return (ProtocolContext) Proxy.newProxyInstance(
                ProtocolContext.class.getClassLoader(), new Class<?>[] {ProtocolContext.class}, handler);
    }

    /** Frees each place at once. */
    private record Hasty<C>(ProtocolContext context, SharedSession<C> session) implements SharedSession<C> {
        @Override
        public C open(Lease<C> lease, long number) {
            return session.open(lease, number);
        }

        @Override
        public boolean ended(long number) {
            context.freePlace(number);
            return session.ended(number);
        }

        @Override
        public void received(Object message) {
            session.received(message);
        }

        @Override
        public void closed(@Nullable Throwable cause) {
            session.closed(cause);
        }
    }
}
