package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The same program with the JDK's client and with this one, over the whole API: the outcomes are the same, but for the
 * cases that {@link Differences} lists with a reason.
 */
class DifferentialTest {
    private static final long PATIENCE_SECONDS = Long.getLong("differential.patience", 30);

    private static List<DifferentialCase> cases() {
        List<DifferentialCase> all = new ArrayList<>();
        for (DifferentialCase.Group group : List.of(
                new ResponseBodyCases(),
                new RequestBodyCases(),
                new RedirectCases(),
                new FieldCases(),
                new AuthCases(),
                new FailureCases(),
                new TimingCases(),
                new UriCases(),
                new ClientCases(),
                new ProxyCases(),
                new ByteCases())) {
            all.addAll(group.cases());
        }
        return all;
    }

    /** Without the {@link TimingCases}, which are run by {@code -Ddifferential.cases=.*} */
    @TestFactory
    Stream<DynamicTest> bothClientsDoTheSame() {
        return cases().stream()
                .filter(each -> each.name().matches(System.getProperty("differential.cases", "(?!timing: ).*")))
                .map(each -> DynamicTest.dynamicTest(each.name(), () -> compare(each)));
    }

    private static void compare(DifferentialCase each) throws Exception {
        Differences.Row row = Differences.of(each.name());
        if (row == null) {
            String jdk = outcome(HttpClient::newBuilder, each);
            assertThat(outcome(KeepaliveHttpClient::newBuilder, each))
                    .as("the outcome with this client, and with the JDK's")
                    .isEqualTo(jdk);
        } else {
            assertThat(outcome(KeepaliveHttpClient::newBuilder, each))
                    .as("the outcome, which differs on purpose: " + row.why())
                    .contains(row.own());
        }
    }

    /** The JDK's client never ends some cases. */
    private static String outcome(Supplier<HttpClient.Builder> clients, DifferentialCase each) throws Exception {
        try (DifferentialServers servers = new DifferentialServers();
                DifferentialRun run = new DifferentialRun(clients, each.scene(), servers)) {
            FutureTask<Void> task = new FutureTask<>(() -> {
                each.action().run(run);
                return null;
            });
            Thread thread = new Thread(task, "differential");
            thread.setDaemon(true);
            thread.start();
            try {
                task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException hangs) {
                thread.interrupt();
                run.note("never ends");
            }
            return run.outcome();
        }
    }

    @Test
    void eachDifferenceIsOfACaseThatExists() {
        Set<String> unused = new HashSet<>(Differences.patterns());
        cases().forEach(each -> unused.removeIf(pattern -> each.name().matches(pattern)));
        assertThat(unused).isEmpty();
    }

    @Test
    void thereAreManyCases() {
        assertThat(cases())
                .hasSizeGreaterThan(300)
                .extracting(DifferentialCase::name)
                .doesNotHaveDuplicates();
    }
}
