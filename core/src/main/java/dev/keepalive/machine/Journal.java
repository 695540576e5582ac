package dev.keepalive.machine;

import dev.keepalive.Endpoint;

/**
 * Is told all that a machine is told, in order, and what came of it: whoever tells another machine the same gets the same effects. Called by the machine, from
 * one thread at a time; must not throw, and must not call back into it.
 */
public interface Journal {
    /** Remembers nothing. */
    Journal NONE = new Journal() {};

    /** What a machine can be told. */
    enum Entry {
        /** An acquire, with the endpoint's number and the deadline; one more: the event loop's number. */
        ACQUIRE,
        /** An acquire of what is idle, with the endpoint's number; one more: the event loop's number. */
        TRY_ACQUIRE,
        /** A withdrawal, with the waiter's number. */
        CANCEL,
        /** The answer of the budget, with the slot's number and 1 for yes. */
        ASKED,
        /** The end of a dial, with the slot's number and the result; one more: the event loop's number. */
        DIALLED,
        /** The end of a reset, with the slot's number and 1 for quiet. */
        RESET,
        /** A release, with the slot's number and the lease's number, and the way of giving back; one more: the number of the endpoint that it goes to. */
        RELEASED,
        /** The end of a connection, with the slot's number and the reason. */
        CLOSED,
        /** The alarm. */
        TICK,
        /** Other limits: each of the numbers holds two of them. */
        CONFIGURE,
        /** An endpoint whose connections are retired, with its number. */
        RETIRE,
        /** A slot whose connection is retired, with its number. */
        RETIRE_ONE,
        /** All endpoints whose connections are retired. */
        RETIRE_ALL,
        /** What is owed to the budget. */
        OWED,
        /** A drain, with its deadline. */
        DRAIN,
        /** The end. */
        SHUTDOWN
    }

    /** An endpoint has come into being, under a number that no other one has or had; before its first event. */
    default void endpoint(long number, Endpoint endpoint) {}

    /** The next event begins: first, what is due by its time is ended. */
    default void begins() {}

    /** One more number of the event that comes next; without this, it is 0. */
    default void more(long number) {}

    /** The machine is told something. */
    default void event(Entry entry, long time, long subject, long detail) {}

    /** A slot's wire has answered what the machine asked of it: with a number, or with 1 for yes and 0 for no. */
    default void said(long answer) {}

    /** The machine has decided something. */
    default void effect(Effect effect) {}
}
