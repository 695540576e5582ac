package dev.keepalive.machine.history;

/**
 * One event of a history, in numbers. {@link EventCodec} knows what they mean for each kind.
 *
 * @param kind the kind of the event
 * @param digest the {@link EffectDigest} of the effects between the event before and this one
 * @param time when the event happened
 * @param subject the number of the waiter, slot or endpoint that the event is about, or another first number
 * @param detail the second number
 * @param more a third number; 0 if the event has none
 */
public record RecordedEvent(EventKind kind, long digest, long time, long subject, long detail, long more) {}
