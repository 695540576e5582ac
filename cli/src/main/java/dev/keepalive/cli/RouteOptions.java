package dev.keepalive.cli;

import dev.keepalive.Endpoint;
import dev.keepalive.netty.NettyConnectorBuilder;
import dev.keepalive.spi.VisibleText;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options for the route to a server. User and password of a proxy go to the connector and into no message. */
final class RouteOptions {
    private static final String SOCKS5 = "socks5";
    private static final int SOCKS_PORT = 1080;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec command;

    @Option(
            names = "--proxy",
            paramLabel = "URL",
            description = {
                "A proxy: http://, https:// (HTTP CONNECT) or socks5://, then [user:password@]host[:port].",
                "It looks up host names.",
                "Several proxies form a chain: each is reached through the one before."
            })
    private List<String> proxies = new ArrayList<>();

    @Option(
            names = "--proxy-user-file",
            paramLabel = "FILE",
            description = {
                "Has user:password for each proxy, which --proxy would show to all users of the host:",
                "a line for each proxy in their order, an empty line for none.",
                "Default: the environment variable " + ProxyUsers.VARIABLE + ", with the same lines."
            })
    private @Nullable Path userFile;

    private @Nullable ProxyUsers users;

    @Option(names = "--unix", paramLabel = "PATH", description = "The server's Unix-domain socket, in place of TCP.")
    private @Nullable String socket;

    @Option(names = "--bind", paramLabel = "ADDRESS", description = "The local address of all connections.")
    private @Nullable String bindAddress;

    /** Whether the server is at a Unix-domain socket and needs no host and port. */
    boolean unix() {
        return socket != null;
    }

    /** Configures the connector. */
    void configure(NettyConnectorBuilder connector) {
        if (socket != null && (bindAddress != null || !proxies.isEmpty())) {
            throw notAllowed("--unix", socket, "not together with --proxy or --bind");
        }
        if (bindAddress != null) {
            try {
                connector.bindAddress(bindAddress);
            } catch (IllegalArgumentException e) {
                throw notAllowed("--bind", bindAddress, "a numeric IPv4 or IPv6 address");
            }
        }
        ProxyUsers known = users();
        for (int i = 0; i < proxies.size(); i++) {
            String userInfo = userInfo(proxies.get(i));
            if (userInfo == null && known.has(i)) {
                credentials(connector, i);
            } else if (userInfo != null) {
                int colon = userInfo.indexOf(':');
                String user = colon < 0 ? userInfo : userInfo.substring(0, colon);
                try {
                    connector.credentials(
                            credentialsName(i),
                            UrlText.unescaped(user),
                            colon < 0 ? "" : UrlText.unescaped(userInfo.substring(colon + 1)));
                } catch (IllegalArgumentException e) {
                    throw proxyNotAllowed(
                            proxies.get(i),
                            "user and password have at most 255 bytes each, no control characters, and are written"
                                    + " with %XX for what has a meaning in a URL");
                }
            }
        }
    }

    /** The users from the file, which is read once, since it may be a pipe; or from the environment. */
    private ProxyUsers users() {
        if (users == null) {
            try {
                users = ProxyUsers.of(userFile, System.getenv(), proxies.size());
                for (int i = 0; userFile != null && i < proxies.size(); i++) {
                    if (users.has(i) && userInfo(proxies.get(i)) != null) {
                        throw users.notAllowed("--proxy '" + withoutUserInfo(proxies.get(i)) + "' has a user already");
                    }
                }
            } catch (IllegalArgumentException e) {
                throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()));
            }
        }
        return users;
    }

    private void credentials(NettyConnectorBuilder connector, int proxy) {
        try {
            connector.credentials(credentialsName(proxy), users().user(proxy), users().password(proxy));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    command.commandLine(),
                    users().notAllowed("line " + (proxy + 1)
                                    + ": user and password have at most 255 bytes each and no control characters")
                            .getMessage());
        }
    }

    /** Adds the route to the endpoint. */
    Endpoint route(Endpoint endpoint) {
        if (socket != null) {
            return atSocket(socket, endpoint);
        }
        Endpoint nearest = null;
        for (int i = 0; i < proxies.size(); i++) {
            Endpoint proxy = proxy(proxies.get(i), credentialsName(i), users().has(i));
            nearest = nearest == null ? proxy : proxy.withProxy(nearest);
        }
        return nearest == null ? endpoint : endpoint.withProxy(nearest);
    }

    private Endpoint atSocket(String path, Endpoint endpoint) {
        try {
            Endpoint local = Endpoint.unix(endpoint.scheme(), Path.of(path));
            return local.tls() ? local.withTls(endpoint.host()) : local;
        } catch (InvalidPathException e) {
            throw notAllowed("--unix", path, "no path: " + e.getReason());
        }
    }

    private Endpoint proxy(String url, String credentials, boolean hasUser) {
        UrlText text = UrlText.of(withoutUserInfo(url));
        String scheme = text.scheme().toLowerCase(Locale.ROOT);
        boolean more = !text.rest().isEmpty() && !text.rest().equals("/");
        if (!List.of("http", "https", SOCKS5).contains(scheme)
                || text.authority().isEmpty()
                || more) {
            throw proxyNotAllowed(url, "use http://host:port, https://host:port or socks5://host:port, nothing else");
        }
        boolean hasPort = text.authority().lastIndexOf(':') > text.authority().lastIndexOf(']');
        String port = hasPort || !scheme.equals(SOCKS5) ? "" : ":" + SOCKS_PORT;
        try {
            Endpoint proxy = Endpoint.parse(scheme + "://" + text.authority() + port);
            return userInfo(url) == null && !hasUser ? proxy : proxy.withCredentials(credentials);
        } catch (IllegalArgumentException e) {
            throw proxyNotAllowed(url, String.valueOf(e.getMessage()));
        }
    }

    private ParameterException proxyNotAllowed(String url, String why) {
        return notAllowed("--proxy" + UrlText.of(withoutUserInfo(url)).shown(), why);
    }

    private static String credentialsName(int number) {
        return "proxy " + (number + 1);
    }

    /** The part before the last {@code @}; null if there is none. */
    private static @Nullable String userInfo(String url) {
        int begin = beginOfAuthority(url);
        int at = endOfUserInfo(url, begin);
        return at < 0 ? null : url.substring(begin, at);
    }

    private static String withoutUserInfo(String url) {
        int begin = beginOfAuthority(url);
        int at = endOfUserInfo(url, begin);
        return at < 0 ? url : url.substring(0, begin) + url.substring(at + 1);
    }

    private static int beginOfAuthority(String url) {
        int slashes = url.indexOf("://");
        return slashes < 0 ? 0 : slashes + "://".length();
    }

    /** The last {@code @} of the whole URL, so that a password with an unescaped slash is not shown. */
    private static int endOfUserInfo(String url, int begin) {
        int at = url.lastIndexOf('@');
        return at < begin ? -1 : at;
    }

    private ParameterException notAllowed(String option, String value, String why) {
        return notAllowed(option + " '" + VisibleText.of(value) + "'", why);
    }

    private ParameterException notAllowed(String what, String why) {
        return new ParameterException(command.commandLine(), what + " is not allowed: " + why);
    }
}
