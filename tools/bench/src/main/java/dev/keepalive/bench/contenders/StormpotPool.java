package dev.keepalive.bench.contenders;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Stormpot, by method handles, because its classes cannot be read by the oldest JDK that compiles this. They are constants to the JIT, which
 * makes ordinary calls of them. It has no keys. Its connections never expire ({@code Pool.of}), so it reads no clock.
 */
final class StormpotPool implements Contender {
    private static final @Nullable Calls CALLS = Calls.find();
    private static final MethodHandle CLAIM = CALLS == null ? nothing(2) : CALLS.claim;
    private static final MethodHandle RELEASE = CALLS == null ? nothing(1) : CALLS.release;

    private final Object pool;
    private final Object patience;
    private final Calls calls;

    StormpotPool(Setting setting) {
        calls = Objects.requireNonNull(CALLS, "Stormpot cannot be loaded");
        Object[] connections = new Object[setting.total()];
        for (int i = 0; i < connections.length; i++) {
            connections[i] = new Connection(0);
        }
        Duration timeout = setting.timeout();
        try {
            pool = calls.of.invoke(connections);
            patience = calls.timeout.invoke(timeout == null ? Duration.ofHours(1) : timeout);
        } catch (Throwable e) {
            throw new IllegalStateException("Stormpot's pool cannot be made", e);
        }
    }

    /** True if this JVM is new enough for it. */
    static boolean isHere() {
        return CALLS != null;
    }

    @Override
    public Object acquire(int endpoint) throws Exception {
        try {
            Object lease = (Object) CLAIM.invokeExact(pool, patience);
            return Objects.requireNonNull(lease, "no connection came back in time");
        } catch (Error | Exception e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void release(int endpoint, Object lease) {
        try {
            RELEASE.invokeExact(lease);
        } catch (Error | RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Object connection(Object lease) {
        try {
            return calls.object.invoke(lease);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            calls.shutdown.invoke(pool);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MethodHandle nothing(int parameters) {
        return MethodHandles.empty(MethodType.genericMethodType(parameters));
    }

    /** Its methods, with objects in place of its types. */
    private record Calls(
            MethodHandle of,
            MethodHandle timeout,
            MethodHandle claim,
            MethodHandle release,
            MethodHandle object,
            MethodHandle shutdown) {
        /** Null if this JVM cannot read its classes. */
        static @Nullable Calls find() {
            try {
                Class<?> pool = Class.forName("stormpot.Pool");
                Class<?> timeout = Class.forName("stormpot.Timeout");
                Class<?> poolable = Class.forName("stormpot.Poolable");
                Class<?> pooled = Class.forName("stormpot.Pooled");
                MethodHandles.Lookup lookup = MethodHandles.publicLookup();
                return new Calls(
                        lookup.unreflect(pool.getMethod("of", Object[].class)).asFixedArity(),
                        lookup.unreflectConstructor(timeout.getConstructor(Duration.class)),
                        lookup.unreflect(Class.forName("stormpot.PoolTap").getMethod("claim", timeout))
                                .asType(MethodType.genericMethodType(2)),
                        lookup.unreflect(poolable.getMethod("release"))
                                .asType(MethodType.methodType(void.class, Object.class)),
                        lookup.unreflectGetter(pooled.getField("object")),
                        lookup.unreflect(pool.getMethod("shutdown")));
            } catch (ReflectiveOperationException | LinkageError e) {
                return null;
            }
        }
    }
}
