package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.netty.ProxyHandlers.Credentials;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SOCKS5 (RFC 1928), with user and password in UTF-8 (RFC 1929) if there are credentials. */
final class Socks5Handshake extends ProxyHandshake {
    private static final int VERSION = 5;
    private static final int NO_AUTHENTICATION = 0;
    private static final int USER_AND_PASSWORD = 2;
    private static final int NONE_ACCEPTABLE = 0xff;
    private static final int CONNECT = 1;
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int IPV6 = 4;
    /** The texts of the reply codes of RFC 1928, section 6, from 1. */
    private static final List<String> REPLIES = List.of(
            "general failure",
            "not allowed by the ruleset",
            "network unreachable",
            "host unreachable",
            "connection refused",
            "TTL expired",
            "command not supported",
            "address type not supported");

    private enum Step {
        METHOD,
        AUTHENTICATION,
        REPLY
    }

    private final @Nullable Credentials credentials;
    private Step step = Step.METHOD;

    Socks5Handshake(Endpoint proxy, Endpoint next, @Nullable Credentials credentials, EventLoop loop) {
        super(proxy, next, loop);
        this.credentials = credentials;
    }

    @Override
    ByteBuf greeting() {
        return credentials == null
                ? bytes(VERSION, 1, NO_AUTHENTICATION)
                : bytes(VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD);
    }

    @Override
    boolean read(ChannelHandlerContext context, ByteBuf input) throws ProxyException {
        while (input.readableBytes() >= 2) {
            switch (step) {
                case METHOD -> readMethod(context, input);
                case AUTHENTICATION -> readAuthentication(context, input);
                case REPLY -> {
                    return readReply(input);
                }
            }
        }
        if (input.isReadable() && step != Step.AUTHENTICATION) {
            checkVersion(input);
        }
        return false;
    }

    /** Fails as soon as an answer cannot be SOCKS5: the rest of it may never come. */
    private void checkVersion(ByteBuf input) throws ProxyException {
        if (input.getUnsignedByte(input.readerIndex()) != VERSION) {
            throw failure("answered " + ProxyException.quoted(input.toString(StandardCharsets.ISO_8859_1))
                    + ", which is not SOCKS5");
        }
    }

    private void readMethod(ChannelHandlerContext context, ByteBuf input) throws ProxyException {
        checkVersion(input);
        int method = input.skipBytes(1).readUnsignedByte();
        Credentials known = credentials;
        if (method == NO_AUTHENTICATION) {
            ask(context);
        } else if (method == USER_AND_PASSWORD && known != null) {
            step = Step.AUTHENTICATION;
            ByteBuf request = bytes(1);
            writeText(request, known.user());
            writeText(request, known.password());
            context.writeAndFlush(request);
        } else {
            String offered = known == null ? "no authentication" : "no authentication, or a user and a password";
            throw failure(
                    method == NONE_ACCEPTABLE
                            ? "accepts no method of authentication that was offered: " + offered
                            : "chose method " + method + " of authentication, which was not offered: " + offered);
        }
    }

    /** Reads the answer to user and password. Its version is not looked at: proxies differ. */
    private void readAuthentication(ChannelHandlerContext context, ByteBuf input) throws ProxyException {
        int status = input.skipBytes(1).readUnsignedByte();
        if (status != 0) {
            throw failure("refused the authentication by user and password (status " + status + ")");
        }
        ask(context);
    }

    private void ask(ChannelHandlerContext context) {
        step = Step.REPLY;
        ByteBuf request = bytes(VERSION, CONNECT, 0);
        byte[] address = NetUtil.createByteArrayFromIpAddressString(nextHost());
        if (address == null) {
            request.writeByte(NAME);
            writeText(request, nextHost());
        } else {
            request.writeByte(address.length == 4 ? IPV4 : IPV6).writeBytes(address);
        }
        context.writeAndFlush(request.writeShort(next.port()));
    }

    private boolean readReply(ByteBuf input) throws ProxyException {
        checkVersion(input);
        int start = input.readerIndex();
        int code = input.getUnsignedByte(start + 1);
        if (code != 0) {
            String text = code <= REPLIES.size() ? REPLIES.get(code - 1) : "an unknown code";
            throw failure("refused a connection to " + nextHost() + ':' + next.port() + " (reply " + code + ": " + text
                    + ")");
        }
        if (input.readableBytes() < 5) {
            return false;
        }
        int type = input.getUnsignedByte(start + 3);
        int addressBytes =
                switch (type) {
                    case IPV4 -> 4;
                    case IPV6 -> 16;
                    case NAME -> 1 + input.getUnsignedByte(start + 4);
                    default ->
                        throw failure("answered with an address of type " + type + ", which SOCKS5 does not have");
                };
        int length = 4 + addressBytes + 2;
        if (input.readableBytes() < length) {
            return false;
        }
        input.skipBytes(length);
        return true;
    }

    private static void writeText(ByteBuf to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        to.writeByte(bytes.length).writeBytes(bytes);
    }

    private static ByteBuf bytes(int... values) {
        ByteBuf bytes = Unpooled.buffer();
        for (int value : values) {
            bytes.writeByte(value);
        }
        return bytes;
    }
}
