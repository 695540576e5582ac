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
 * The cache of a DNS client: keeps answers for as long as they allow but for ten minutes at most, and for a few seconds
 * that there is no such name or no address of the family. That a name server was in trouble is not kept. Netty's cache
 * is told of both in the same words, so this one listens to the queries as well. Safe from any thread.
 */
final class DnsCache extends DefaultDnsCache implements DnsQueryLifecycleObserverFactory {
    /** So long an answer is kept at most: of very many names that are asked for once, nothing stays for a day. */
    static final int MAX_SECONDS = 600;

    /** Much less than RFC 2308 allows, so that a name that is new is found soon. */
    private static final int NEGATIVE_SECONDS = 5;

    private static final int MAX_FAILED_NAMES = 1_000;

    /** The names for which a name server has just been in trouble, while Netty makes up its mind. */
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

    /** Whether there was trouble, which is forgotten now. */
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

    /** Hears how one query goes. */
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

    /** An answer that is of no use later. */
    private record NotKept(Throwable cause) implements DnsCacheEntry {
        @Override
        public @Nullable InetAddress address() {
            return null;
        }
    }
}
