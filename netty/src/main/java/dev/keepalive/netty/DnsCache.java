package dev.keepalive.netty;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DefaultDnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import io.netty.resolver.dns.DnsNameResolverException;
import io.netty.resolver.dns.DnsQueryLifecycleObserver;
import io.netty.resolver.dns.DnsQueryLifecycleObserverFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cache of a DNS client. It keeps an answer for its time to live, but for ten minutes at most. It keeps for a few
 * seconds that a name, or an address of the family, does not exist. It does not keep the failure of a name server.
 * Netty tells a cache of a missing name and of a failed server in the same way, so this cache observes the queries as
 * well. Safe from any thread.
 */
final class DnsCache extends DefaultDnsCache implements DnsQueryLifecycleObserverFactory {
    /**
     * The longest time for which an answer is kept, so that names that are asked for once do not stay in memory for a
     * day.
     */
    static final int MAX_SECONDS = 600;

    /** The time for which a missing name is kept. Much less than RFC 2308 allows, so that a new name is found soon. */
    private static final int NEGATIVE_SECONDS = 5;

    private static final int MAX_FAILED_NAMES = 1_000;

    /** The names for which a name server has just failed, until Netty reports the result of the lookup. */
    private final Map<String, Boolean> failedNames = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX_FAILED_NAMES;
        }
    };

    DnsCache() {
        super(0, MAX_SECONDS, NEGATIVE_SECONDS);
    }

    @Override
    public DnsCacheEntry cache(String name, DnsRecord[] additionals, Throwable cause, EventLoop loop) {
        return removeFailure(keyOf(name)) ? new NotKept(cause) : super.cache(name, additionals, cause, loop);
    }

    @Override
    public DnsQueryLifecycleObserver newDnsQueryLifecycleObserver(DnsQuestion question) {
        return new Query(keyOf(question.name()));
    }

    /** Whether a name server has failed for this name since the last call. */
    private synchronized boolean removeFailure(String name) {
        return failedNames.remove(name) != null;
    }

    private synchronized void recordFailure(String name) {
        failedNames.put(name, true);
    }

    private static String keyOf(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** Observes one query. */
    private final class Query implements DnsQueryLifecycleObserver {
        private final String name;

        Query(String name) {
            this.name = name;
        }

        @Override
        public DnsQueryLifecycleObserver queryNoAnswer(DnsResponseCode code) {
            if (!code.equals(DnsResponseCode.NXDOMAIN) && !code.equals(DnsResponseCode.NOERROR)) {
                recordFailure(name);
            }
            return this;
        }

        @Override
        public void queryFailed(Throwable cause) {
            if (cause instanceof DnsNameResolverException) {
                recordFailure(name);
            }
        }

        @Override
        public void queryWritten(InetSocketAddress server, ChannelFuture written) {}

        @Override
        public void queryCancelled(int queriesRemaining) {}

        @Override
        public DnsQueryLifecycleObserver queryRedirected(List<InetSocketAddress> servers) {
            return this;
        }

        @Override
        public DnsQueryLifecycleObserver queryCNAMEd(DnsQuestion question) {
            return new Query(keyOf(question.name()));
        }

        @Override
        public void querySucceed() {}
    }

    /** The entry of a failure that is not kept. */
    private record NotKept(Throwable cause) implements DnsCacheEntry {
        @Override
        public @Nullable InetAddress address() {
            return null;
        }
    }
}
