/**
 * The manager around the state machine: threads, futures, leases and connections. Not exported. Programs reach it by
 * {@link dev.keepalive.ManagerBuilder#build} and {@link dev.keepalive.Budget} only.
 * {@link dev.keepalive.internal.DefaultConnectionManager} turns calls into events,
 * {@link dev.keepalive.internal.EffectRunner} turns effects into calls.
 */
@NullMarked
package dev.keepalive.internal;

import org.jspecify.annotations.NullMarked;
