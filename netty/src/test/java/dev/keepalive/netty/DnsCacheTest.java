package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DnsCacheTest {
    private static final List<InetAddress> ADDRESSES = List.of(FakeResolver.numeric("10.0.0.1"));
    private static final long BEGIN = Long.MAX_VALUE - 5;

    private final DnsCache cache = new DnsCache();

    @Test
    void anAnswerIsKeptForItsTimeToLiveButForTenMinutesAtMost() {
        cache.put("a.test", ADDRESSES, 60, BEGIN);
        cache.put("day.test", ADDRESSES, 86_400, BEGIN);
        cache.put("zero.test", ADDRESSES, 0, BEGIN);

        assertThat(cache.get("a.test", after(60) - 1)).isEqualTo(ADDRESSES);
        assertThat(cache.get("a.test", after(60))).isNull();
        assertThat(cache.get("day.test", after(600) - 1)).isEqualTo(ADDRESSES);
        assertThat(cache.get("day.test", after(600))).isNull();
        assertThat(cache.get("zero.test", BEGIN)).isNull();
    }

    @Test
    void aMissingNameIsKeptForSeconds() {
        cache.putMissing("a.test", BEGIN);

        assertThat(cache.get("a.test", after(5) - 1)).isEmpty();
        assertThat(cache.get("a.test", after(5))).isNull();
    }

    @Test
    void ofManyNamesThoseThatWereUsedLastAreKept() {
        cache.put("first.test", ADDRESSES, 60, BEGIN);
        for (int i = 1; i < DnsCache.MAX_NAMES; i++) {
            cache.put("a" + i + ".test", ADDRESSES, 60, BEGIN);
        }
        cache.get("first.test", BEGIN);

        cache.put("one-more.test", ADDRESSES, 60, BEGIN);

        assertThat(cache.get("first.test", BEGIN)).isNotNull();
        assertThat(cache.get("one-more.test", BEGIN)).isNotNull();
        assertThat(cache.get("a1.test", BEGIN)).isNull();
        assertThat(cache.get("a2.test", BEGIN)).isNotNull();
    }

    private static long after(long seconds) {
        return BEGIN + TimeUnit.SECONDS.toNanos(seconds);
    }
}
