package dev.keepalive.bench.contenders;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Stormpot, called through method handles, because the oldest JDK that compiles this cannot read its classes. The
 * handles are constants, so the JIT compiles them to ordinary calls. Stormpot has no keys. A pool made by
 * {@code Pool.of} never expires its connections, so it reads no clock.
 */
final class StormpotPoolAdapter implements PoolAdapter {
    private static final @Nullable StormpotMethods METHODS = StormpotMethods.find();
    private static final MethodHandle CLAIM = METHODS == null ? nothing(2) : METHODS.claim;
    private static final MethodHandle RELEASE = METHODS == null ? nothing(1) : METHODS.release;

    private final Object pool;
    private final Object patience;
    private final StormpotMethods methods;

    StormpotPoolAdapter(PoolConfig config) {
        methods = Objects.requireNonNull(METHODS, "Stormpot cannot be loaded");
        Object[] connections = new Object[config.total()];
        for (int i = 0; i < connections.length; i++) {
            connections[i] = new DummyConnection(0);
        }
        Duration timeout = config.timeout();
        try {
            pool = methods.of.invoke(connections);
            patience = methods.timeout.invoke(timeout == null ? Duration.ofHours(1) : timeout);
        } catch (Throwable e) {
            throw new IllegalStateException("Stormpot's pool cannot be made", e);
        }
    }

    /** True if this JVM can load Stormpot. */
    static boolean isAvailable() {
        return METHODS != null;
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
            return methods.object.invoke(lease);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            methods.shutdown.invoke(pool);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MethodHandle nothing(int parameters) {
        return MethodHandles.empty(MethodType.genericMethodType(parameters));
    }

    /** Stormpot's methods, with {@code Object} in place of its types. */
    private record StormpotMethods(
            MethodHandle of,
            MethodHandle timeout,
            MethodHandle claim,
            MethodHandle release,
            MethodHandle object,
            MethodHandle shutdown) {
        /** Finds the methods; null if this JVM cannot load Stormpot. */
        static @Nullable StormpotMethods find() {
            try {
                Class<?> pool = Class.forName("stormpot.Pool");
                Class<?> timeout = Class.forName("stormpot.Timeout");
                Class<?> poolable = Class.forName("stormpot.Poolable");
                Class<?> pooled = Class.forName("stormpot.Pooled");
                MethodHandles.Lookup lookup = MethodHandles.publicLookup();
                return new StormpotMethods(
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
