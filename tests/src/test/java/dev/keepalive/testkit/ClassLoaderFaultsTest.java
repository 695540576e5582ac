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

/** Fault catalogue, I: a manager whose classes were loaded by a class loader of their own does not keep it. */
class ClassLoaderFaultsTest {
    @Test
    @Tag("I13")
    void aClassLoaderWhoseManagerWasUsedAndClosedIsCollected() throws Exception {
        WeakReference<ClassLoader> loader = usedIn(Closed.class);
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            System.gc();
            assertThat(loader.get()).isNull();
        });
    }

    @Test
    @Tag("I13")
    void aManagerThatIsNotClosedKeepsItsClassLoaderSoThatTheTestAboveCanFail() throws Exception {
        WeakReference<ClassLoader> loader = usedIn(Open.class);
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        ClassLoader kept = loader.get();
        assertThat(kept).isNotNull();
        Object manager =
                kept.loadClass(Open.class.getName()).getField("manager").get(null);
        kept.loadClass(ConnectionManager.class.getName()).getMethod("close").invoke(manager);
    }

    /** Loads all classes anew, and runs this one there. */
    private static WeakReference<ClassLoader> usedIn(Class<? extends Callable<Boolean>> user) throws Exception {
        URL[] classes = {place(ConnectionManager.class), place(FakeConnector.class), place(user)};
        // Not closed: a manager that lives on may need more classes.
        ClassLoader loader = new URLClassLoader(classes, ClassLoader.getPlatformClassLoader());
        Object use = loader.loadClass(user.getName()).getConstructor().newInstance();
        assertThat(use.getClass()).isNotSameAs(user);
        assertThat(((Callable<?>) use).call()).isEqualTo(true);
        return new WeakReference<>(loader);
    }

    private static URL place(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }

    /** Uses a manager with threads of its own in every way, and closes it. */
    public static final class Closed implements Callable<Boolean> {
        /** For the class loader. */
        public Closed() {}

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

    /** Uses a manager with threads of its own, and leaves a lease in it. */
    public static final class Open implements Callable<Boolean> {
        /** For whoever closes it. */
        public static ConnectionManager<FakeConnection> manager =
                ConnectionManager.builder(FakeConnector.prompt()).build();

        /** For the class loader. */
        public Open() {}

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
