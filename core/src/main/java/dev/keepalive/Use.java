package dev.keepalive;

/** Who may use a connection. */
enum Use {
    /** Nobody yet. */
    FRESH,
    /** Nobody yet, and the peer has spoken: a greeting, which the first holder will read. */
    GREETED,
    LEASED,
    /** Released, and not idle yet. What the peer says now was not asked for. */
    RESETTING,
    IDLE,
    /** Nobody any more. */
    DEAD
}
