/**
 * Fakes for tests without sockets, threads or sleeps: a {@link dev.keepalive.testkit.FakeConnector}, a
 * {@link dev.keepalive.testkit.FakeTime}, and a {@link dev.keepalive.testkit.ManualExecutor queue in place of threads}.
 * Also a {@link dev.keepalive.testkit.LeakCheck check} that no permit was lost, and the
 * {@link dev.keepalive.testkit.Replay replay} of a recorded history.
 */
@NullMarked
package dev.keepalive.testkit;

import org.jspecify.annotations.NullMarked;
