package dev.keepalive.machine;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A doubly linked list whose nodes hold the links, so any node can be removed in constant time and leaves nothing
 * behind.
 */
class IntrusiveList<N extends IntrusiveList.Node> implements Iterable<N> {
    private @Nullable N first;
    private @Nullable N last;
    private int size;

    /** An element of at most one list at a time. It has no reference to its list, since there are very many nodes. */
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

    // ---- links

    @SuppressWarnings("unchecked") // a list of N links nodes of type N only
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

    // ---- elements

    /** True if the node is in this list. It must not be in another list with the same links. */
    final boolean contains(N node) {
        return before(node) != null || node == first;
    }

    final void addLast(N node) {
        if (contains(node)) {
            throw new IllegalStateException("already in a list");
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
            throw new IllegalStateException("not in this list");
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
