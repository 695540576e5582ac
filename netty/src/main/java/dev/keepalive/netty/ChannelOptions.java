package dev.keepalive.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options that the program sets on the channels of a connector, before they connect. Not safe for use by several
 * threads while options are added.
 */
final class ChannelOptions {
    /** Options that the connector sets itself, each with what to use instead. */
    private static final Map<ChannelOption<?>, String> RESERVED = Map.of(
            ChannelOption.AUTO_READ,
            "the connector watches idle connections by it; a holder may set it on the channel of its lease",
            ChannelOption.ALLOW_HALF_CLOSURE,
            "use allowHalfClosure, or with a protocol ProtocolContext.allowHalfClosure",
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            "use the manager's dialTimeout");

    private final Map<ChannelOption<?>, Object> values = new LinkedHashMap<>();

    <T> void put(ChannelOption<T> option, T value) {
        String instead = RESERVED.get(option);
        if (instead != null) {
            throw new IllegalArgumentException("option " + option + " is not allowed: " + instead);
        }
        try {
            option.validate(value);
        } catch (IllegalArgumentException e) {
            throw notAllowed(option, value, String.valueOf(e.getMessage()), e);
        }
        values.put(option, value);
    }

    ChannelOptions copy() {
        ChannelOptions copy = new ChannelOptions();
        copy.values.putAll(values);
        return copy;
    }

    /** Sets all options that the channel has. */
    void applyTo(Channel channel) {
        values.forEach((option, value) -> apply(channel, option, value));
    }

    /**
     * Tries the options with a socket over TCP that is closed at once. Nothing is checked while the host has no
     * resources for one.
     *
     * @throws IllegalArgumentException if such a socket does not have an option, or refuses its value
     */
    void check(Transport transport) {
        if (values.isEmpty()) {
            return;
        }
        Channel channel;
        try {
            channel = transport.tcp();
        } catch (RuntimeException noResources) {
            return;
        }
        try {
            check(channel, transport.name());
        } finally {
            channel.unsafe().closeForcibly();
        }
    }

    private void check(Channel channel, String transport) {
        values.forEach((option, value) -> {
            boolean known;
            try {
                known = apply(channel, option, value);
            } catch (ChannelException | IllegalArgumentException e) {
                Throwable cause = e instanceof ChannelException && e.getCause() != null ? e.getCause() : e;
                throw notAllowed(option, value, String.valueOf(cause.getMessage()), e);
            }
            if (!known) {
                throw notAllowed(option, value, "the sockets of " + transport + " do not have it", null);
            }
        });
    }

    @SuppressWarnings("unchecked")
    private static boolean apply(Channel channel, ChannelOption<?> option, Object value) {
        return channel.config().setOption((ChannelOption<Object>) option, value);
    }

    private static IllegalArgumentException notAllowed(
            ChannelOption<?> option, Object value, String reason, @Nullable Throwable cause) {
        return new IllegalArgumentException("option " + option + " = " + value + " is not allowed: " + reason, cause);
    }
}
