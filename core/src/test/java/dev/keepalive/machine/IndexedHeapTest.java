package dev.keepalive.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IndexedHeapTest {
    private final IndexedHeap<Timed> heap = new IndexedHeap<>();

    @Test
    void theLeastKeyIsFirstAfterAnyAddsAndRemovals() {
        Random random = new Random(1);
        List<Timed> naive = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            if (naive.isEmpty() || random.nextInt(5) < 3) {
                Timed added = new Timed(random.nextInt(500));
                naive.add(added);
                heap.add(added);
            } else {
                Timed removed = naive.remove(random.nextInt(naive.size()));
                heap.remove(removed);
                assertThat(heap.contains(removed)).isFalse();
            }
            assertThat(heap.size()).isEqualTo(naive.size());
            if (!naive.isEmpty()) {
                long least = naive.stream()
                        .min(Comparator.comparingLong(Timed::key))
                        .orElseThrow()
                        .key();
                assertThat(heap.least()).isNotNull();
                assertThat(heap.least().key()).isEqualTo(least);
            }
            if (i % 100 == 0) {
                assertThat(heap.isSound()).isTrue();
            }
        }
    }

    @Test
    void removingAnAbsentEntryDoesNothing() {
        heap.add(new Timed(1));
        heap.remove(new Timed(2));
        assertThat(heap.size()).isEqualTo(1);
    }

    @Test
    void anEntryCannotBeAddedTwice() {
        Timed once = new Timed(1);
        heap.add(once);
        assertThatThrownBy(() -> heap.add(once)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aKeyThatChangesMeanwhileIsNoticed() {
        Timed later = new Timed(2);
        heap.add(new Timed(1));
        heap.add(later);
        assertThat(heap.isSound()).isTrue();
        later.key = 0;
        assertThat(heap.isSound()).isFalse();
    }

    @Test
    void anEntryWithAWrongIndexIsNoticed() {
        Timed lost = new Timed(1);
        heap.add(lost);
        lost.heapIndex(1);
        assertThat(heap.isSound()).isFalse();
    }

    private static final class Timed implements IndexedHeap.Entry {
        private long key;
        private int index = IndexedHeap.ABSENT;

        Timed(long key) {
            this.key = key;
        }

        @Override
        public long key() {
            return key;
        }

        @Override
        public int heapIndex() {
            return index;
        }

        @Override
        public void heapIndex(int newIndex) {
            index = newIndex;
        }
    }
}
