package dev.keepalive.machine.history;

/**
 * One event as it stands in a history: in numbers. {@link EventCodec} knows what they mean.
 *
 * @param kind what happened
 * @param digest the {@link EffectDigest} of the effects between the event before and this one
 * @param time when it happened
 * @param subject what it is about
 * @param detail what is to be said of it
 * @param more what else is to be said of it; 0 if nothing is
 */
public record RecordedEvent(EventKind kind, long digest, long time, long subject, long detail, long more) {}
