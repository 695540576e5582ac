package dev.keepalive.bench.loopback;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;

/** The yardstick: each client has a channel of its own for ever, and no pool at all. */
final class RawChannels implements Lender {
    private final Channels channels;
    private final List<Channel> open = new ArrayList<>();

    RawChannels(Channels channels) {
        this.channels = channels;
    }

    @Override
    public Borrower borrower(Client client) {
        Channel channel = channels.open();
        open.add(channel);
        Exchange exchange = Channels.exchangeOf(channel);
        return new Borrower() {
            @Override
            public void acquire() {
                client.granted(exchange);
            }

            @Override
            public void release() {}
        };
    }

    @Override
    public void close() {
        open.forEach(Channel::close);
    }
}
