package dev.keepalive.netty.testkit;

import dev.keepalive.spi.TimeSource;
import dev.keepalive.testkit.FakeTime;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An event loop without a thread. It runs its tasks within {@code execute}, on the calling thread, one after the other;
 * meanwhile that thread counts as the loop, and at no other time. What is scheduled runs when the fake clock is
 * advanced. So when a call returns, all that it has caused has happened. Not safe for use by several threads.
 */
final class EmbeddedLoop extends AbstractScheduledEventExecutor implements EventLoop {
    private final Ticker ticker;
    private final TimeSource.Alarm alarm;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Queue<Runnable> callbacks = new ArrayDeque<>();
    private @Nullable Thread running;

    EmbeddedLoop(FakeTime time) {
        this.ticker = new FakeTicker(time);
        this.alarm = time.alarm("event loop", this::run);
    }

    /**
     * Runs what is not the loop's: within {@code execute}, but not while the loop runs, since it stands for another
     * thread.
     */
    Executor callbackExecutor() {
        return callback -> {
            callbacks.add(callback);
            runCallbacks();
        };
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        run();
    }

    private void run() {
        if (running != null) {
            return;
        }
        running = Thread.currentThread();
        try {
            for (Runnable task = nextTask(); task != null; task = nextTask()) {
                safeExecute(task);
            }
        } finally {
            running = null;
        }
        setAlarm();
        runCallbacks();
    }

    private @Nullable Runnable nextTask() {
        Runnable task = tasks.poll();
        return task != null ? task : pollScheduledTask(ticker.nanoTime());
    }

    private void setAlarm() {
        long deadline = nextScheduledTaskDeadlineNanos();
        alarm.set(deadline < 0 ? Long.MAX_VALUE : deadline - ticker.nanoTime());
    }

    private void runCallbacks() {
        while (running == null) {
            Runnable callback = callbacks.poll();
            if (callback == null) {
                return;
            }
            callback.run();
        }
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return thread == running;
    }

    @Override
    public Ticker ticker() {
        return ticker;
    }

    // ---- a group of one

    @Override
    public EventLoopGroup parent() {
        return this;
    }

    @Override
    public EventLoop next() {
        return this;
    }

    @Override
    public ChannelFuture register(Channel channel) {
        return register(new DefaultChannelPromise(channel, this));
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        promise.channel().unsafe().register(this, promise);
        return promise;
    }

    @Deprecated
    @Override
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        channel.unsafe().register(this, promise);
        return promise;
    }

    // ---- it never ends

    @Override
    public boolean isShuttingDown() {
        return false;
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return false;
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        throw new UnsupportedOperationException("an event loop of a test is not shut down");
    }

    @Override
    public Future<?> terminationFuture() {
        throw new UnsupportedOperationException("an event loop of a test is not shut down");
    }

    @Deprecated
    @Override
    public void shutdown() {
        throw new UnsupportedOperationException("an event loop of a test is not shut down");
    }

    /** The fake clock, from zero, since Netty takes no negative times. */
    private record FakeTicker(FakeTime time, long begin) implements Ticker {
        FakeTicker(FakeTime time) {
            this(time, time.nanoTime());
        }

        @Override
        public long initialNanoTime() {
            return 0;
        }

        @Override
        public long nanoTime() {
            return time.nanoTime() - begin;
        }

        @Override
        public void sleep(long delay, TimeUnit unit) {
            throw new UnsupportedOperationException("only the test lets time pass");
        }
    }
}
