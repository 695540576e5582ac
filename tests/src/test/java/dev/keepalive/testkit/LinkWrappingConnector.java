package dev.keepalive.testkit;

import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.util.function.UnaryOperator;

/** A fake connector whose links the test wraps into others. */
final class LinkWrappingConnector extends ForwardingConnector {
    private final UnaryOperator<Link<FakeConnection>> wrapper;

    LinkWrappingConnector(FakeConnector scripted, UnaryOperator<Link<FakeConnection>> wrapper) {
        super(scripted);
        this.wrapper = wrapper;
    }

    @Override
    public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
        return super.connect(request, new ForwardingLinkEvents(events) {
            @Override
            public void opened(Link<FakeConnection> link) {
                super.opened(wrapper.apply(link));
            }
        });
    }
}
