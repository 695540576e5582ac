package dev.keepalive.machine;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A doubly linked list of nodes that know their neighbours, so that any of them leaves in constant time and nothing of
 * it stays behind.
 */
class IntrusiveList<N extends IntrusiveList.Node> implements Iterable<N> {
    private @Nullable N first;
    private @Nullable N last;
    private int size;

    /** A member of at most one chain at a time. It does not know of which one: there are very many nodes. */
    abstract static class Node {
        @Nullable
        Node before;

        @Nullable
        Node after;
    }

    final @Nullable N first() {
        return first;
    }

    final @Nullable N last() {
        return last;
    }

    final int size() {
        return size;
    }

    final boolean isEmpty() {
        return size == 0;
    }

    // ---- the links by which it goes

    @SuppressWarnings("unchecked") // a chain of N links nodes of type N only
    @Nullable
    N before(N node) {
        return (N) node.before;
    }

    @SuppressWarnings("unchecked") // as above
    @Nullable
    N after(N node) {
        return (N) node.after;
    }

    void linkBefore(N node, @Nullable N before) {
        node.before = before;
    }

    void linkAfter(N node, @Nullable N after) {
        node.after = after;
    }

    // ---- who is in it

    /** True if the node is in this chain; it must not be in another one with the same links. */
    final boolean contains(N node) {
        return before(node) != null || node == first;
    }

    final void addLast(N node) {
        if (contains(node)) {
            throw new IllegalStateException("already in a chain");
        }
        linkBefore(node, last);
        if (last == null) {
            first = node;
        } else {
            linkAfter(last, node);
        }
        last = node;
        size++;
    }

    final void remove(N node) {
        if (!contains(node)) {
            throw new IllegalStateException("not in this chain");
        }
        N before = before(node);
        N after = after(node);
        if (before == null) {
            first = after;
        } else {
            linkAfter(before, after);
        }
        if (after == null) {
            last = before;
        } else {
            linkBefore(after, before);
        }
        linkBefore(node, null);
        linkAfter(node, null);
        size--;
    }

    @Override
    public final Iterator<N> iterator() {
        return new Iterator<>() {
            private @Nullable N next = first;

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public N next() {
                N result = next;
                if (result == null) {
                    throw new NoSuchElementException();
                }
                next = after(result);
                return result;
            }
        };
    }
}
