package dev.keepalive.docs;

import static dev.keepalive.docs.Pages.read;
import static dev.keepalive.docs.Pages.rows;
import static dev.keepalive.docs.Pages.section;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.Totals;
import dev.keepalive.http.KeepaliveHttpClientBuilder;
import dev.keepalive.netty.NettyConnectorBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of the documents have what the API has: no more, no less. */
class DocumentedNamesTest {
    @Test
    void everyOptionOfTheManagerIsThereWithItsTypes() throws IOException {
        assertThat(rows(section(read("docs/options.md"), "## The manager")))
                .containsExactlyInAnyOrderEntriesOf(options(ManagerBuilder.class));
    }

    @Test
    void everyOptionOfTheNettyConnectorIsThereWithItsTypes() throws IOException {
        assertThat(rows(section(read("docs/options.md"), "## The Netty connector")))
                .containsExactlyInAnyOrderEntriesOf(options(NettyConnectorBuilder.class));
    }

    @Test
    void everyOptionOfTheHttpClientIsThereWithItsTypes() throws IOException {
        assertThat(rows(section(read("docs/http.md"), "## Options")))
                .containsExactlyInAnyOrderEntriesOf(options(KeepaliveHttpClientBuilder.class));
    }

    @Test
    void everyMethodOfTheJdksHttpClientIsThere() throws IOException {
        Set<String> methods = new TreeSet<>();
        for (Class<?> type : List.of(HttpClient.class, HttpClient.Builder.class, HttpRequest.Builder.class)) {
            methods.addAll(methods(type, method -> true));
        }
        assertThat(rows(section(read("docs/http.md"), "## Coverage")).keySet()).containsAll(methods);
    }

    @Test
    void everyDifferenceFromTheJdksHttpClientIsExplained() throws IOException {
        Path differences = Pages.PROJECT.resolve("http/src/test/resources/dev/keepalive/http/differences.tsv");
        String page = read("docs/http.md");
        assumeThat(differences).exists();
        for (String line : read(differences).lines().toList()) {
            String[] columns = line.split("\t");
            if (columns.length == 3 && !line.startsWith("#")) {
                assertThat(page).contains("| " + columns[2] + " |");
            }
        }
    }

    @Test
    void everyWayToMakeAnEndpointIsThere() throws IOException {
        Set<String> documented = rows(section(read("docs/options.md"), "## The endpoint")).keySet().stream()
                .map(call -> call.replaceFirst("\\(.*", ""))
                .collect(Collectors.toSet());
        Set<String> made = methods(
                Endpoint.class,
                method -> method.getReturnType() == Endpoint.class
                        && (Modifier.isStatic(method.getModifiers())
                                || method.getName().startsWith("with")));
        assertThat(documented).containsExactlyInAnyOrderElementsOf(made);
    }

    @Test
    void everyPartOfARequestIsThere() throws IOException {
        assertThat(rows(section(read("docs/options.md"), "## The request")).keySet())
                .containsExactlyInAnyOrderElementsOf(methods(
                        AcquireRequest.class,
                        method -> method.getReturnType() == AcquireRequest.class
                                && !Modifier.isStatic(method.getModifiers())));
    }

    @Test
    void everyCloseReasonIsExplained() throws IOException {
        assertThat(watching("## Connections that are not reused"))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.of(CloseReason.values()).map(Enum::name).toList());
    }

    @Test
    void everyFailureIsExplained() throws IOException {
        assertThat(watching("## Acquire timeout"))
                .containsExactlyInAnyOrderElementsOf(Stream.of(AcquireException.class.getPermittedSubclasses())
                        .map(Class::getSimpleName)
                        .toList());
    }

    @Test
    void everyCallOfTheListenerIsExplained() throws IOException {
        assertThat(watching("## The listener"))
                .containsExactlyInAnyOrderElementsOf(methods(ConnectionListener.class, Method::isDefault));
    }

    @Test
    void everyCountIsExplained() throws IOException {
        Set<String> counts = methods(Counts.class, method -> Modifier.isAbstract(method.getModifiers()));
        counts.addAll(methods(Totals.class, method -> Modifier.isAbstract(method.getModifiers())));
        assertThat(watching("## The snapshot")).containsExactlyInAnyOrderElementsOf(counts);
    }

    @Test
    void everyClassNamedInARecipeExists() throws IOException {
        Set<String> classes = Pages.files(".java").stream()
                .map(Path::getFileName)
                .map(file -> file.toString().replace(".java", ""))
                .collect(Collectors.toSet());
        List<String> named = Pattern.compile("`([A-Z][a-z]+(?:[A-Z][a-z]+)*)(?:\\.[A-Z]+)?`")
                .matcher(section(read("CONTRIBUTING.md"), "## Recipes"))
                .results()
                .map(name -> name.group(1))
                .distinct()
                .toList();
        assertThat(named).hasSizeGreaterThan(20);
        assertThat(classes).containsAll(named);
    }

    @Test
    void everyNewNameOfTheChangelogExists() throws IOException {
        String sources = Pages.files(".java").stream()
                .filter(file -> file.toString().contains("src/main"))
                .map(DocumentedNamesTest::readUnchecked)
                .collect(Collectors.joining());
        List<MatchResult> renames = Pattern.compile("(?m)^  \\| `[^|]+ \\|[^|]* \\| ([^|]+) \\|$")
                .matcher(read("CHANGELOG.md"))
                .results()
                .toList();
        assertThat(renames).hasSizeGreaterThan(15);
        for (MatchResult rename : renames) {
            for (MatchResult name : Pattern.compile("`(\\w+)`")
                    .matcher(rename.group(1))
                    .results()
                    .toList()) {
                assertThat(Pattern.compile("\\b" + name.group(1) + "\\b")
                                .matcher(sources)
                                .find())
                        .as(name.group(1))
                        .isTrue();
            }
        }
    }

    // ---- what the API has

    /** The setters of a builder, each with the types of its parameters; of overloads, the shorter first. */
    private static Map<String, String> options(Class<?> builder) {
        Map<String, String> options = new TreeMap<>();
        Arrays.stream(builder.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && method.getReturnType() == builder)
                .sorted(Comparator.comparing(Method::getParameterCount).thenComparing(DocumentedNamesTest::types))
                .forEach(method ->
                        options.merge(method.getName(), types(method), (one, other) -> one + ", or " + other));
        return options;
    }

    private static String types(Method method) {
        return Stream.of(method.getParameterTypes()).map(Class::getSimpleName).collect(Collectors.joining(", "));
    }

    private static Set<String> methods(Class<?> type, Predicate<Method> which) {
        return Stream.of(type.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .filter(which)
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> watching(String heading) throws IOException {
        return rows(section(read("docs/watching.md"), heading)).keySet().stream()
                .filter(name -> !List.of("CloseReason", "Counts", "Totals").contains(name))
                .collect(Collectors.toSet());
    }

    private static String readUnchecked(Path file) {
        try {
            return read(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
