package dev.keepalive.cli;

import dev.keepalive.http.KeepaliveHttpClientBuilder;
import dev.keepalive.spi.VisibleText;
import java.io.FileNotFoundException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What {@code fetch} sends, and what it does with a response. Values of headers and data go into no message. */
final class RequestOptions {
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern VALUE = Pattern.compile("[\t\\x20-\\x7e\\x80-\\xff]*");

    static {
        // Read by the JDK and by our client when they make the first request: these two may be set, as with curl.
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "connection,host");
    }

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec command;

    @Option(
            names = {"-X", "--request"},
            paramLabel = "METHOD",
            description = "The method. Default: GET; POST with --data.")
    private @Nullable String method;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "'NAME: VALUE'",
            description = "A header of the request. Several of one name are sent. It takes the place of fetch's own.")
    private List<String> headers = new ArrayList<>();

    @Option(
            names = {"-d", "--data"},
            paramLabel = "TEXT|@FILE",
            description = {
                "The body of the request: a text, or the bytes of a file as they are.",
                "Several texts are joined with '&'. Content-Type, unless --header has one:",
                "application/x-www-form-urlencoded."
            })
    private List<String> data = new ArrayList<>();

    @Option(
            names = {"-L", "--location"},
            description = "Follows redirects, 5 at most, but not from https to http.")
    private boolean location;

    @Option(names = "--http2", description = "HTTP/2, if the server of https:// speaks it; else HTTP/1.1.")
    private boolean http2;

    @Option(
            names = "--http2-prior-knowledge",
            description = "HTTP/2, for servers of http:// that are known to speak it.")
    private boolean priorKnowledge;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Writes the body of the response to this file. For one request only.")
    private @Nullable String output;

    /** Configures the client. */
    void configure(KeepaliveHttpClientBuilder client) {
        client.version(isHttp2() ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
                .http2PriorKnowledge(priorKnowledge)
                .followRedirects(location ? HttpClient.Redirect.NORMAL : HttpClient.Redirect.NEVER);
    }

    /** Checks what other options must not be combined with. */
    void check(long requests, boolean noKeepAlive, boolean alpn) {
        String version = priorKnowledge ? "--http2-prior-knowledge" : "--http2";
        if (isHttp2() && alpn) {
            throw notAllowed(version, "not together with --alpn, which says what is offered");
        }
        if (isHttp2() && noKeepAlive) {
            throw notAllowed("--no-keep-alive", "not together with " + version + ", whose requests share connections");
        }
        if (output != null && requests > 1) {
            throw notAllowed("--output", output, "there are " + requests + " requests, and it is for one");
        }
    }

    private boolean isHttp2() {
        return http2 || priorKnowledge;
    }

    /** The file for the body; null if there is none. */
    @Nullable
    Path output() {
        if (output == null) {
            return null;
        }
        if (output.equals("-")) {
            throw notAllowed("--output", output, "a file; the standard output is for the table");
        }
        Path file = path("--output", output);
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            throw notAllowed("--output", output, "it is a folder");
        } else if (folder == null || !Files.isDirectory(folder)) {
            throw notAllowed("--output", output, "no such folder");
        } else if (!Files.isWritable(Files.exists(file) ? file : folder)) {
            throw notAllowed("--output", output, "it cannot be written");
        }
        return file;
    }

    /**
     * The request to a target.
     *
     * @param keepAlive whether the server may keep the connection
     */
    HttpRequest request(FetchTarget target, boolean keepAlive) {
        HttpRequest.Builder request = HttpRequest.newBuilder(target.uri()).method(method(), body());
        for (Map.Entry<String, List<String>> field : fields(keepAlive).entrySet()) {
            for (String value : field.getValue()) {
                try {
                    request.header(field.getKey(), value);
                } catch (IllegalArgumentException e) {
                    throw notAllowed("--header " + field.getKey(), "the client sets it");
                }
            }
        }
        return request.build();
    }

    private String method() {
        if (method == null) {
            return data.isEmpty() ? "GET" : "POST";
        }
        if (!TOKEN.matcher(method).matches() || method.equals("CONNECT")) {
            throw notAllowed("--request", method, "a method, such as GET or POST, other than CONNECT");
        }
        return method;
    }

    private Map<String, List<String>> fields(boolean keepAlive) {
        Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String header : headers) {
            int colon = header.indexOf(':');
            String name = colon < 0 ? "" : header.substring(0, colon);
            if (!TOKEN.matcher(name).matches()) {
                throw notAllowed("--header", "write 'Name: value'; the name has letters, digits and !#$%&'*+.^_`|~-");
            }
            String value = header.substring(colon + 1).strip();
            if (!VALUE.matcher(value).matches()) {
                throw notAllowed("--header " + name, "its value has visible characters, up to U+00FF, spaces and tabs");
            }
            fields.computeIfAbsent(name, any -> new ArrayList<>()).add(value);
        }
        fields.putIfAbsent("user-agent", List.of("keepalive/" + CliVersion.number()));
        fields.putIfAbsent("accept", List.of("*/*"));
        if (!data.isEmpty()) {
            fields.putIfAbsent("content-type", List.of("application/x-www-form-urlencoded"));
        }
        if (!keepAlive) {
            fields.put("connection", List.of("close"));
        }
        return fields;
    }

    private BodyPublisher body() {
        if (data.isEmpty()) {
            return BodyPublishers.noBody();
        }
        String first = data.get(0);
        if (data.size() == 1 && first.startsWith("@")) {
            return ofFile(first.substring(1));
        }
        if (data.stream().anyMatch(text -> text.startsWith("@"))) {
            throw notAllowed("--data", "one file (@FILE) alone, or texts, which do not begin with @ (in a form: %40)");
        }
        return BodyPublishers.ofString(String.join("&", data));
    }

    private BodyPublisher ofFile(String name) {
        Path file = path("--data", name);
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw notAllowed("--data", "@" + name, "no such file, or it cannot be read");
        }
        try {
            return BodyPublishers.ofFile(file);
        } catch (FileNotFoundException e) {
            throw notAllowed("--data", "@" + name, "no such file, or it cannot be read");
        }
    }

    private Path path(String option, String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw notAllowed(option, name, "no path: " + e.getReason());
        }
    }

    private ParameterException notAllowed(String option, String value, String why) {
        return notAllowed(option + " '" + VisibleText.of(value) + "'", why);
    }

    private ParameterException notAllowed(String what, String why) {
        return new ParameterException(command.commandLine(), what + " is not allowed: " + why);
    }
}
