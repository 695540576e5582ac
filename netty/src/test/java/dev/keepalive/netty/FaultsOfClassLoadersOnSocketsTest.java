package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.internal.InternalThreadLocalMap;
import io.netty.util.internal.PlatformDependent;
import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Fault catalogue, I: a manager on Netty that was used and closed does not keep its class loader, on whatever threads
 * it was used.
 */
class FaultsOfClassLoadersOnSocketsTest {
    private static final String JFR_SWITCH = "io.netty.jfr.enabled";

    private CountingServer server;
    private TlsServer tlsServer;
    /** Threads that outlive the class loader, as those of a web server do. */
    private ExecutorService lastingThreads;

    @BeforeEach
    void start() throws Exception {
        server = new CountingServer();
        tlsServer = new TlsServer();
        ThreadPoolExecutor threads = (ThreadPoolExecutor) Executors.newFixedThreadPool(8);
        // Before JDK 24 a thread keeps the class loaders of those that made it: so no program under test makes one.
        threads.prestartAllCoreThreads();
        lastingThreads = threads;
    }

    @AfterEach
    void stop() throws Exception {
        lastingThreads.shutdown();
        tlsServer.close();
        server.close();
    }

    @Test
    @Tag("I13")
    void aClassLoaderWithNettyInItIsCollected() throws Exception {
        WeakReference<ClassLoader> loader =
                run(new URLClassLoader(classPath(".*"), ClassLoader.getPlatformClassLoader()));

        isCollected(loader);
        assertThat(System.getProperty(JFR_SWITCH)).isNull();
    }

    @Test
    @Tag("I13")
    void aClassLoaderWhoseParentHasNettyIsCollected() throws Exception {
        ClassLoader parent = new URLClassLoader(classPath(".*/netty-[^/]*"), ClassLoader.getPlatformClassLoader());
        WeakReference<ClassLoader> loader = run(new URLClassLoader(classPath(".*"), parent));

        isCollected(loader);
        assertThat(parent.loadClass(PlatformDependent.class.getName()).getClassLoader())
                .as("Netty's class loader, which lives on")
                .isSameAs(parent);
    }

    @Test
    void inAClassLoaderThatLivesAsLongAsTheJvmNettyOffersItsEvents() {
        NettyConnector.create();

        assertThat(PlatformDependent.isJfrEnabled()).isEqualTo(FlightRecorder.isAvailable());
    }

    @Test
    @Tag("I13")
    void noCallLeavesAThreadLocalOfNettyOnItsThread() throws Exception {
        Queue<String> left = new ConcurrentLinkedQueue<>();
        Executor callbacks = task -> lastingThreads.execute(() -> {
            task.run();
            noteThreadLocals("a callback", left);
        });
        FutureTask<Boolean> use = new FutureTask<>(() -> new UseAndClose().test(ports(), callbacks, left));
        Thread caller = new Thread(use);
        caller.start();

        assertThat(use.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(left).isEmpty();
    }

    private static void noteThreadLocals(String when, @Nullable Queue<String> left) {
        if (left != null && InternalThreadLocalMap.getIfSet() != null) {
            left.add(when);
            InternalThreadLocalMap.remove();
        }
    }

    private List<Integer> ports() {
        return List.of(server.endpoint().port(), tlsServer.port());
    }

    /** Loads all classes by this class loader, and runs the program there, on this thread. */
    @SuppressWarnings("unchecked") // the program's interface, of the JDK's own classes
    private WeakReference<ClassLoader> run(ClassLoader loader) throws Exception {
        Object use =
                loader.loadClass(UseAndClose.class.getName()).getConstructor().newInstance();
        assertThat(use.getClass()).isNotSameAs(UseAndClose.class);
        assertThat(((BiPredicate<List<Integer>, Executor>) use).test(ports(), lastingThreads))
                .isTrue();
        return new WeakReference<>(loader);
    }

    private static void isCollected(WeakReference<ClassLoader> loader) {
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            System.gc();
            assertThat(loader.get()).isNull();
        });
    }

    private static URL[] classPath(String entries) throws Exception {
        List<URL> path = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (entry.matches(entries)) {
                path.add(Path.of(entry).toUri().toURL());
            }
        }
        return path.toArray(URL[]::new);
    }

    /** The program. It is public, since another class loader creates it. */
    public static final class UseAndClose implements BiPredicate<List<Integer>, Executor> {
        /** Called by reflection. */
        public UseAndClose() {}

        @Override
        public boolean test(List<Integer> ports, Executor callbacks) {
            try {
                return test(ports, callbacks, null);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        /** @param left gets the calls that have left a thread-local behind, unless it is null */
        boolean test(List<Integer> ports, Executor callbacks, @Nullable Queue<String> left) throws Exception {
            NettyConnectorBuilder options = NettyConnector.builder();
            options.tls(SslContextBuilder.forClient()
                            .trustManager(InsecureTrustManagerFactory.INSTANCE)
                            // Else Netty looks for OpenSSL, and keeps the stack of its first caller if there is none.
                            .sslProvider(SslProvider.JDK)
                            .build())
                    .withoutHostVerification();
            NettyConnector connector = options.build();
            noteThreadLocals("build", left);
            var manager = ConnectionManager.builder(connector)
                    .callbackExecutor(callbacks)
                    .build();
            for (Endpoint endpoint : List.of(
                    Endpoint.of("line", "127.0.0.1", ports.get(0)),
                    Endpoint.of("line", "localhost", ports.get(0)),
                    Endpoint.of("https", "127.0.0.1", ports.get(1)))) {
                for (int i = 0; i < 2; i++) {
                    try (Lease<NettyConnection> lease =
                            manager.acquire(endpoint).get(30, TimeUnit.SECONDS)) {
                        noteThreadLocals("acquire", left);
                        exchange(lease.connection());
                        noteThreadLocals("start and send", left);
                        lease.release();
                        noteThreadLocals("release", left);
                    }
                }
                manager.blocking().acquire(endpoint).connection().attach().sync();
                noteThreadLocals("attach", left);
            }
            manager.close();
            manager.closed().toCompletableFuture().get(30, TimeUnit.SECONDS);
            noteThreadLocals("close", left);
            return true;
        }

        private static void exchange(NettyConnection connection) throws Exception {
            BlockingQueue<String> lines = new LinkedBlockingQueue<>();
            connection
                    .start(new FrameListener<String>() {
                        @Override
                        public void input(String line) {
                            lines.add(line);
                        }

                        @Override
                        public void ended(@Nullable Throwable error) {
                            lines.add("ended: " + error);
                        }
                    })
                    .send("echo this");
            String line = lines.poll(30, TimeUnit.SECONDS);
            if (line == null || line.startsWith("ended")) {
                throw new IllegalStateException("no answer: " + line);
            }
        }
    }
}
