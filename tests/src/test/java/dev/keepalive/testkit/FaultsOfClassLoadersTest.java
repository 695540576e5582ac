package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fault catalogue, I: a closed manager does not keep its class loader. */
class FaultsOfClassLoadersTest {
    @Test
    @Tag("I13")
    void aClassLoaderWhoseManagerWasUsedAndClosedIsCollected() throws Exception {
        WeakReference<ClassLoader> loader = runInNewClassLoader(UseAndClose.class);
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            System.gc();
            assertThat(loader.get()).isNull();
        });
    }

    /** Shows that the test above can fail. */
    @Test
    @Tag("I13")
    void aManagerThatIsNotClosedKeepsItsClassLoader() throws Exception {
        WeakReference<ClassLoader> loader = runInNewClassLoader(UseAndLeaveOpen.class);
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        ClassLoader kept = loader.get();
        assertThat(kept).isNotNull();
        Object manager = kept.loadClass(UseAndLeaveOpen.class.getName())
                .getField("manager")
                .get(null);
        kept.loadClass(ConnectionManager.class.getName()).getMethod("close").invoke(manager);
    }

    /** Loads all classes by a new class loader, and runs one of them there. */
    private static WeakReference<ClassLoader> runInNewClassLoader(Class<? extends Callable<Boolean>> user)
            throws Exception {
        URL[] classes = {codeSource(ConnectionManager.class), codeSource(FakeConnector.class), codeSource(user)};
        // The loader is not closed: a manager that is still open may need more classes.
        ClassLoader loader = new URLClassLoader(classes, ClassLoader.getPlatformClassLoader());
        Object use = loader.loadClass(user.getName()).getConstructor().newInstance();
        assertThat(use.getClass()).isNotSameAs(user);
        assertThat(((Callable<?>) use).call()).isEqualTo(true);
        return new WeakReference<>(loader);
    }

    private static URL codeSource(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }

    /** Uses a manager with threads of its own, and closes it. */
    public static final class UseAndClose implements Callable<Boolean> {
        /** Called by reflection. */
        public UseAndClose() {}

        @Override
        public Boolean call() throws Exception {
            try (var manager = ConnectionManager.builder(FakeConnector.prompt()).build()) {
                use(manager);
                manager.close();
                manager.closed().toCompletableFuture().get(30, TimeUnit.SECONDS);
            }
            return true;
        }
    }

    /** Uses a manager with threads of its own, and leaves it open with a lease. */
    public static final class UseAndLeaveOpen implements Callable<Boolean> {
        /** Read by reflection: the test closes it. */
        public static ConnectionManager<FakeConnection> manager =
                ConnectionManager.builder(FakeConnector.prompt()).build();

        /** Called by reflection. */
        public UseAndLeaveOpen() {}

        @Override
        public Boolean call() throws Exception {
            use(manager);
            return true;
        }
    }

    private static void use(ConnectionManager<FakeConnection> manager) throws Exception {
        Endpoint endpoint = Endpoint.of("line", "a", 1);
        manager.acquire(endpoint).get(30, TimeUnit.SECONDS).release();
        manager.blocking().use(endpoint, lease -> "used");
        manager.acquire(endpoint)
                .orTimeout(1, TimeUnit.HOURS)
                .get(30, TimeUnit.SECONDS)
                .invalidate();
        manager.acquire(endpoint).get(30, TimeUnit.SECONDS).connection();
    }
}
