package dev.keepalive.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Budget;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Lease;
import dev.keepalive.netty.Requests;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Runs the soak with managers that break a promise, and checks that each defect is found. How soon depends on chance
 * and on the host, so this is no part of the build: {@code mvn -pl tools/soak -am test -Dtest=BrokenManagers
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class BrokenManagers {
    @Test
    void oneConnectionTooManyPerEndpointIsFoundAtTheServer() throws Exception {
        assertThat(firstFinding(builder -> builder.maxOpenPerEndpoint(5).build()))
                .matches("endpoint [0-9]+: 5 connections open at one moment, where 4 are allowed: .*");
    }

    @Test
    void oneConnectionMoreThanTheTotalLimitIsFoundAtTheServer() throws Exception {
        assertThat(firstFinding(builder -> builder.maxOpen(25).build()))
                .matches("(first|second) manager: (25|13) connections open at one moment, where (24|12) are .*");
    }

    @Test
    void oneConnectionMoreThanTheBudgetAllowsIsFoundAtTheServer() throws Exception {
        assertThat(firstFinding(builder -> builder.budget(Budget.of(30)).build()))
                .matches("budget: 31 connections open at one moment, where 30 are allowed: .*");
    }

    @Test
    void aLostPlaceIsFoundWhenAllPlacesAreTaken() throws Exception {
        assertThat(firstFinding(builder -> builder.maxOpenPerEndpoint(3).build()))
                .isEqualTo("acquire 4 of 4 for one endpoint is not served: a permit is lost");
    }

    @Test
    void aSecondAnswerIsFound() throws Exception {
        assertThat(firstFinding(builder -> everyHundredthLease(builder.build(), lease -> lease, true)))
                .startsWith("an acquire of ")
                .endsWith(" was answered twice");
    }

    @Test
    void aLostReleaseIsFoundAtRestOrByTheDrain() throws Exception {
        assertThat(firstFinding(builder -> everyHundredthLease(builder.build(), this::neverReleased, false)))
                .isIn("not true after 10 s: all that is open is idle", "a drain with enough time cut a lease short");
    }

    @Test
    void oneLeaseTooManyIsFoundAtTheServer() throws Exception {
        assertThat(firstFinding(new BrokenPlaces(leases -> leases + 1, false)))
                .matches("connection [0-9]+ to muxs?://.* has [1-6] leases at one moment, where [0-5] are allowed, .*");
    }

    @Test
    void aLeaseWhileThereIsNoRoomIsFoundAtTheServer() throws Exception {
        assertThat(firstFinding(new BrokenPlaces(leases -> leases == 0 ? 1 : leases, false)))
                .matches("connection [0-9]+ to muxs?://.* has 1 leases at one moment, where 0 are allowed, .*");
    }

    @Test
    void aPlaceThatIsNeverLeasedIsFoundWhenAllPlacesAreTaken() throws Exception {
        assertThat(firstFinding(new BrokenPlaces(leases -> leases == 3 ? 2 : leases, false)))
                .matches("acquire [1-4] of 4, lease [1-3] of 3, for one endpoint is not served: a permit is lost");
    }

    @Test
    void aPlaceThatIsFreedTooEarlyIsFoundAtTheServer() throws Exception {
        assertThat(firstFinding(new BrokenPlaces(leases -> leases, true)))
                .matches("connection [0-9]+ to muxs?://.* has [1-6] leases at one moment, where [0-5] are allowed, .*");
    }

    /** Leases that are held, so that they are never garbage. */
    private final Queue<Lease<?>> held = new ConcurrentLinkedQueue<>();

    private Lease<?> neverReleased(Lease<?> lease) {
        held.add(lease);
        AtomicBoolean ended = new AtomicBoolean();
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "release", "invalidate" -> ended.compareAndSet(false, true);
            case "close" -> null;
            case "connection" -> {
                if (ended.get()) {
                    throw new IllegalStateException("ended");
                }
                yield lease.connection();
            }
            default -> method.invoke(lease, arguments);
        };
        return (Lease<?>) Proxy.newProxyInstance(Lease.class.getClassLoader(), new Class<?>[] {Lease.class}, handler);
    }

    /** A manager that changes every hundredth lease that it gives to a callback. */
    @SuppressWarnings("unchecked") // a proxy knows no type arguments
    private static ConnectionManager<Requests<CheckedExchange, String>> everyHundredthLease(
            ConnectionManager<Requests<CheckedExchange, String>> manager,
            UnaryOperator<Lease<?>> change,
            boolean twice) {
        AtomicInteger leases = new AtomicInteger();
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.getName().equals("acquire") && arguments.length == 4) {
                Consumer<Lease<?>> onLease = (Consumer<Lease<?>>) arguments[2];
                arguments[2] = (Consumer<Lease<?>>) lease -> {
                    boolean changed = leases.incrementAndGet() % 100 == 0;
                    onLease.accept(changed ? change.apply(lease) : lease);
                    if (changed && twice) {
                        onLease.accept(lease);
                    }
                };
            }
            return method.invoke(manager, arguments);
        };
        return (ConnectionManager<Requests<CheckedExchange, String>>) Proxy.newProxyInstance(
                ConnectionManager.class.getClassLoader(), new Class<?>[] {ConnectionManager.class}, handler);
    }

    private static String firstFinding(SoakClient client) throws Exception {
        SoakPlan plan = SoakPlan.until(7, 400, 0).withFixedLimits(Duration.ofSeconds(10));
        SoakReport report = new Soak(plan, client, line -> {}).run();
        assertThat(report.line()).endsWith(" found wrong");
        return report.findings().get(0).lines().findFirst().orElseThrow();
    }
}
