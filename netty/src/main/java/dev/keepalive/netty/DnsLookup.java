package dev.keepalive.netty;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One lookup of the addresses of one family: the name and then the name in the search domains, each asked of one name
 * server after the other, until one of them says something about the name. Event loop only.
 *
 * <p>A server fails if it does not run, is silent, cannot be understood, refuses the question, or is lame: it neither
 * has the name nor looks it up. Then the next is asked. What another kind of client would do with the name servers that
 * an answer mentions, this one leaves to its own name server.
 */
final class DnsLookup {
    /** The most addresses that are taken from an answer: more than a dial can try in its time. */
    static final int MAX_ADDRESSES = 16;

    private static final int MAX_ALIASES = 16;
    private static final int SERVFAIL = 2;

    private final Transport transport;
    private final EventLoop loop;
    private final DnsClient.State state;
    private final String host;
    private final int type;
    private final Promise<List<InetAddress>> result;
    private final Iterator<String> names;
    /** The failures of all servers for the names about which none of them could tell anything. */
    private final List<NameServerException> untold = new ArrayList<>();

    // The question that is asked now.
    private final List<NameServerException> failures = new ArrayList<>();
    private String name;
    private int aliases;
    private long seconds;
    private Iterator<InetSocketAddress> servers;
    private int round;
    private boolean wasSilent;
    private @Nullable DnsExchange exchange;

    /** @param host a name that can be asked for */
    DnsLookup(
            Transport transport,
            EventLoop loop,
            DnsClient.State state,
            String host,
            int type,
            Promise<List<InetAddress>> result) {
        this.transport = transport;
        this.loop = loop;
        this.state = state;
        this.host = host;
        this.type = type;
        this.result = result;
        this.names = state.settings().candidates(host).iterator();
        this.name = host;
        this.servers = List.<InetSocketAddress>of().iterator();
    }

    /** Begins. The lookup stops when its result is cancelled. */
    void begin() {
        result.addListener(done -> {
            if (exchange != null) {
                exchange.stop();
            }
        });
        nextName();
    }

    private void nextName() {
        while (names.hasNext()) {
            String next = names.next();
            if (DnsMessage.isName(next)) {
                aliases = 0;
                seconds = Long.MAX_VALUE;
                ask(next);
                return;
            }
        }
        noAddress();
    }

    private void ask(String question) {
        name = question;
        round = 1;
        wasSilent = false;
        servers = state.servers().inOrder(now()).iterator();
        nextServer();
    }

    private void nextServer() {
        if (result.isDone()) {
            return;
        }
        if (loop.isShuttingDown()) {
            fail(new UnknownHostException(host + ": the event loop is shut down"));
            return;
        }
        if (!servers.hasNext() && wasSilent && round < state.settings().attempts()) {
            round++;
            wasSilent = false;
            servers = state.servers().inOrder(now()).iterator();
        }
        if (!servers.hasNext()) {
            untold.addAll(failures);
            failures.clear();
            // The name may be known in the next domain nevertheless.
            nextName();
            return;
        }
        InetSocketAddress server = servers.next();
        DnsMessage.Question question = new DnsMessage.Question(name, type);
        exchange = new DnsExchange(
                transport, loop, server, question, state.settings().timeout(), new DnsExchange.Listener() {
                    @Override
                    public void answered(DnsMessage answer) {
                        DnsLookup.this.answered(server, answer);
                    }

                    @Override
                    public void failed(NameServerException failure) {
                        wasSilent = true;
                        failedAt(server, failure);
                    }
                });
        exchange.begin();
    }

    private void failedAt(InetSocketAddress server, NameServerException failure) {
        if (SystemErrors.isOutOfResources(failure)) {
            // It is this host that failed, so no other server can help.
            result.tryFailure(failure);
            return;
        }
        state.servers().failed(server, now());
        failures.add(failure);
        nextServer();
    }

    private void answered(InetSocketAddress server, DnsMessage answer) {
        int code = answer.code();
        boolean isLame = answer.records().isEmpty() && !answer.authoritative() && !answer.recursive();
        if (code == SERVFAIL) {
            // It says so of this name: it may be the name's own servers that fail.
            failures.add(new NameServerException(server, "answered SERVFAIL for " + name, null));
            nextServer();
        } else if (code != DnsMessage.NO_ERROR && code != DnsMessage.NO_SUCH_NAME) {
            failedAt(server, new NameServerException(server, "answered " + answer.codeName() + " for " + name, null));
        } else if (code == DnsMessage.NO_ERROR && isLame) {
            failedAt(server, new NameServerException(server, "does not look up " + name, null));
        } else {
            state.servers().answered(server);
            failures.clear();
            if (code == DnsMessage.NO_SUCH_NAME) {
                nextName();
            } else {
                follow(answer);
            }
        }
    }

    /** Follows the aliases of the name within the answer, to the addresses or to the next question. */
    private void follow(DnsMessage answer) {
        String asked = name;
        String last = name;
        while (aliases <= MAX_ALIASES) {
            List<InetAddress> addresses = addressesOf(last, answer);
            if (!addresses.isEmpty()) {
                found(addresses);
                return;
            }
            String alias = aliasOf(last, answer);
            if (alias == null) {
                break;
            }
            last = alias;
            aliases++;
        }
        if (aliases > MAX_ALIASES) {
            fail(new UnknownHostException(host + ": more than " + MAX_ALIASES + " aliases, or a circle of them"));
        } else if (last.equals(asked) || answer.endsHere() || !DnsMessage.isName(last)) {
            // The name exists, so it is not looked for in the other domains.
            noAddress();
        } else {
            ask(last);
        }
    }

    private List<InetAddress> addressesOf(String owner, DnsMessage answer) {
        List<InetAddress> addresses = new ArrayList<>();
        for (DnsMessage.DnsRecord each : answer.records()) {
            byte[] address = each.address();
            if (address != null && each.name().equals(owner) && addresses.size() < MAX_ADDRESSES) {
                seconds = Math.min(seconds, each.seconds());
                addresses.add(toAddress(address));
            }
        }
        return addresses;
    }

    private InetAddress toAddress(byte[] address) {
        try {
            return InetAddress.getByAddress(host, address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes, not " + address.length, e);
        }
    }

    private @Nullable String aliasOf(String owner, DnsMessage answer) {
        for (DnsMessage.DnsRecord each : answer.records()) {
            String alias = each.alias();
            if (alias != null && each.name().equals(owner)) {
                seconds = Math.min(seconds, each.seconds());
                return alias;
            }
        }
        return null;
    }

    // ---- the end

    private void found(List<InetAddress> addresses) {
        state.cacheOf(type).put(host, addresses, seconds, now());
        result.trySuccess(List.copyOf(addresses));
    }

    /** No name is left to look up: none has an address, or no server could tell. */
    private void noAddress() {
        if (untold.isEmpty()) {
            state.cacheOf(type).putMissing(host, now());
            fail(new UnknownHostException(host));
            return;
        }
        UnknownHostException failure = new UnknownHostException(host + ": no name server could look it up");
        failure.initCause(untold.get(0));
        untold.stream().skip(1).limit(MAX_ADDRESSES).forEach(failure::addSuppressed);
        fail(failure);
    }

    private void fail(UnknownHostException failure) {
        result.tryFailure(failure);
    }

    private long now() {
        return loop.ticker().nanoTime();
    }
}
