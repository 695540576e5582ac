package dev.keepalive.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Budget;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.netty.NettyConnection;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * A soak of managers that break a promise: each is found. How soon is up to chance and to the machine, so it is no part
 * of the build: {@code mvn -pl tools/soak -am test -Dtest=BrokenManagers -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class BrokenManagers {
    @Test
    void oneConnectionTooManyPerEndpointIsFoundAtTheServer() throws Exception {
        assertThat(firstFinding(builder -> builder.maxOpenPerEndpoint(5).build()))
                .matches("endpoint [0-9]+: 5 connections open at one moment, where 4 are allowed: .*");
    }

    @Test
    void oneConnectionTooManyInAllIsFoundAtTheServer() throws Exception {
        assertThat(firstFinding(builder -> builder.maxOpen(25).build()))
                .matches(
                        "(first|second) manager: (25|13) connections open at one moment, where (24|12) are allowed: .*");
    }

    @Test
    void oneConnectionMoreThanTheBudgetAllowsIsFoundAtTheServer() throws Exception {
        assertThat(firstFinding(builder -> builder.budget(Budget.of(30)).build()))
                .matches("budget: 31 connections open at one moment, where 30 are allowed: .*");
    }

    @Test
    void aPlaceThatIsLostIsFoundWhenAllPlacesAreTaken() throws Exception {
        assertThat(firstFinding(builder -> builder.maxOpenPerEndpoint(3).build()))
                .startsWith("with 3 of 4 in use, one more got");
    }

    @Test
    void anAnswerThatComesTwiceIsFound() throws Exception {
        assertThat(firstFinding(builder -> everyHundredthLease(builder.build(), lease -> lease, true)))
                .startsWith("an acquire of ")
                .endsWith(" was answered twice");
    }

    @Test
    void aReleaseThatIsLostIsFoundWhenAllShouldBeAtRest() throws Exception {
        assertThat(firstFinding(builder -> everyHundredthLease(builder.build(), this::neverReleased, false)))
                .isEqualTo("not so, after 10 s: all that is open is idle");
    }

    /** What nobody may take back, since it is held. */
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

    /** A manager that does something else with every hundredth lease that it gives to a callback. */
    @SuppressWarnings("unchecked") // a proxy knows no type arguments
    private static ConnectionManager<NettyConnection> everyHundredthLease(
            ConnectionManager<NettyConnection> manager, UnaryOperator<Lease<?>> change, boolean twice) {
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
        return (ConnectionManager<NettyConnection>) Proxy.newProxyInstance(
                ConnectionManager.class.getClassLoader(), new Class<?>[] {ConnectionManager.class}, handler);
    }

    private static String firstFinding(
            Function<ManagerBuilder<NettyConnection>, ConnectionManager<NettyConnection>> maker) throws Exception {
        Plan plan = Plan.until(7, 400, 0).withFixedLimits(Duration.ofSeconds(10));
        Report report = new Soak(plan, maker, line -> {}).run();
        assertThat(report.line()).endsWith(" found wrong");
        return report.findings().get(0).lines().findFirst().orElseThrow();
    }
}
