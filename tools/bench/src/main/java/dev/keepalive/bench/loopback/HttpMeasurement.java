package dev.keepalive.bench.loopback;

import picocli.CommandLine.Command;

/**
 * Measures W9 of one contender: GET requests on the event loop, with Netty's decoder, encoder and aggregator. They are
 * installed once per connection, as on the raw channels.
 */
@Command(
        name = "http",
        sortOptions = false,
        description = "Measures HTTP/1.1 requests on an event loop, beside raw channels with the same codec.")
public final class HttpMeasurement extends ChannelMeasurement {
    HttpMeasurement() {
        super("W9", WireFormat.HTTP);
    }

    /** Runs the program and ends the JVM. */
    public static void main(String... arguments) {
        new HttpMeasurement().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        ChannelPoolRegistry.requireKnown(contender());
        LoadSize size = LoadSize.of(8);
        startSetting(size.of("client"));
        try (ServerProcess server = startServer(null)) {
            measureOnEventLoop(server, size, null);
        }
    }
}
