package dev.keepalive.testservers.logs;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestWatcher;
import org.opentest4j.TestAbortedException;

/**
 * Prints what a test printed and logged if the test fails, and nothing if it passes. JUnit applies this extension to
 * every test that has this module on its class path. A Netty buffer that was not released fails the test during which
 * Netty reports it, or the class whose tests are over.
 *
 * <p>Threads are not told apart: what other threads log belongs to the test that runs at that time.
 */
public final class ShowLogOfFailedTests implements BeforeAllCallback, AfterEachCallback, TestWatcher, AfterAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
        log(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        log(context).failOnLeak();
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        log(context).discard();
    }

    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        log(context).discard();
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        log(context).print(name(context));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        CapturedLog log = log(context);
        NettyLeaks.provokeReports();
        try {
            log.failOnLeak();
        } catch (AssertionError leak) {
            log.print(name(context));
            throw leak;
        }
        if (context.getExecutionException()
                .filter(ShowLogOfFailedTests::isFailure)
                .isPresent()) {
            log.print(name(context));
        }
    }

    private static boolean isFailure(Throwable thrown) {
        return !(thrown instanceof TestAbortedException);
    }

    private static String name(ExtensionContext context) {
        String type = context.getRequiredTestClass().getSimpleName();
        return context.getTestMethod().isPresent() ? type + "." + context.getDisplayName() : type;
    }

    private static CapturedLog log(ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(ShowLogOfFailedTests.class))
                .computeIfAbsent(CapturedLog.class, key -> new CapturedLog(), CapturedLog.class);
    }
}
