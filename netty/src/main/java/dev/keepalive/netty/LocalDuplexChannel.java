package dev.keepalive.netty;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.socket.DuplexChannel;

/** A channel of the local transport. It cannot be half-closed: to shut one direction down closes it. */
final class LocalDuplexChannel extends LocalChannel implements DuplexChannel {
    @Override
    public boolean isInputShutdown() {
        return isShutdown();
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdown();
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        return shutdown(promise);
    }

    @Override
    public boolean isOutputShutdown() {
        return isShutdown();
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdown();
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        return shutdown(promise);
    }

    @Override
    public boolean isShutdown() {
        return !isActive();
    }

    @Override
    public ChannelFuture shutdown() {
        return close();
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        return close(promise);
    }
}
