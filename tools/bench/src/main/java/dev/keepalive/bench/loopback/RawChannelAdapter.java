package dev.keepalive.bench.loopback;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;

/** The yardstick, without a pool: each client keeps a channel of its own. */
final class RawChannelAdapter implements ChannelPoolAdapter {
    private final ChannelOpener opener;
    private final List<Channel> open = new ArrayList<>();

    RawChannelAdapter(ChannelOpener opener) {
        this.opener = opener;
    }

    @Override
    public ChannelSource newSource(RequestClient client) {
        Channel channel = opener.open();
        open.add(channel);
        RequestHandler handler = ChannelOpener.handlerOf(channel);
        return new ChannelSource() {
            @Override
            public void acquire() {
                client.granted(handler);
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
