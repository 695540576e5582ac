/**
 * Fakes and transcripts for tests without sockets, threads or sleeps: a {@link dev.keepalive.testkit.FakeConnector}, a {@link
 * dev.keepalive.testkit.FakeTime}, a {@link dev.keepalive.testkit.QueuedTasks queue in place of threads}, and the {@link
 * dev.keepalive.testkit.MachineScript transcript} of the state machine.
 */
@NullMarked
package dev.keepalive.testkit;

import org.jspecify.annotations.NullMarked;
