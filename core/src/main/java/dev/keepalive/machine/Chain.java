package dev.keepalive.machine;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** A doubly linked list of nodes that know their place, so that any of them leaves in constant time and nothing of it stays behind. */
final class Chain<N extends Chain.Node> implements Iterable<N> {
    private @Nullable N first;
    private @Nullable N last;
    private int size;

    /** A member of at most one chain at a time. */
    abstract static class Node {
        @Nullable
        Chain<?> chain;

        @Nullable
        Node before;

        @Nullable
        Node after;
    }

    @Nullable
    N first() {
        return first;
    }

    @Nullable
    N last() {
        return last;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    boolean contains(N node) {
        return node.chain == this;
    }

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

    void addLast(N node) {
        if (node.chain != null) {
            throw new IllegalStateException("already in a chain");
        }
        node.chain = this;
        node.before = last;
        if (last == null) {
            first = node;
        } else {
            last.after = node;
        }
        last = node;
        size++;
    }

    void remove(N node) {
        if (node.chain != this) {
            throw new IllegalStateException("not in this chain");
        }
        N before = before(node);
        N after = after(node);
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        node.chain = null;
        node.before = null;
        node.after = null;
        size--;
    }

    @Override
    public Iterator<N> iterator() {
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
