package dev.keepalive.machine.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Limits;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.History;
import dev.keepalive.machine.MachineConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each event of a history is read as it was written. */
class EventCodecTest {
    private static final Limits LIMITS = new Limits(5, 4, Integer.MAX_VALUE, 2);
    private static final MachineConfig RULES =
            new MachineConfig(1, 2, Long.MAX_VALUE, 4, 5, 6, 7, 8, 9, 14, 15, 16, 17, 10, 11, 12, true, -13);

    /** The methods of a history that report no event. */
    private static final Set<String> NO_EVENTS = Set.of("endpoint", "eventBegins", "slotAnswered", "effect");

    /** At least the number of constants of each enum. */
    private static final int VARIANTS = 12;

    private final HistoryWriter writer = new HistoryWriter(LIMITS, RULES);
    private final List<String> read = new ArrayList<>();
    private final History reading = (History) Proxy.newProxyInstance(
            History.class.getClassLoader(), new Class<?>[] {History.class}, (proxy, method, arguments) -> {
                read.add(call(method, arguments));
                return null;
            });

    private static Stream<Method> events() {
        return Arrays.stream(History.class.getMethods()).filter(method -> !NO_EVENTS.contains(method.getName()));
    }

    private static String call(Method method, Object... arguments) {
        return method.getName() + Arrays.toString(arguments);
    }

    private static Object[] arguments(Method event, int variant) {
        Class<?>[] types = event.getParameterTypes();
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            arguments[i] = argument(types[i], 1000 * variant + i);
        }
        return arguments;
    }

    private static Object argument(Class<?> type, int number) {
        if (type == long.class) {
            return (long) number << 10;
        } else if (type == int.class) {
            return number;
        } else if (type == boolean.class) {
            return number / 1000 % 2 == 0;
        } else if (type == Limits.class) {
            return new Limits(number + 1, number + 2, Integer.MAX_VALUE - number, number + 3);
        } else if (type.isEnum()) {
            return type.getEnumConstants()[number / 1000 % type.getEnumConstants().length];
        }
        throw new AssertionError("an event has an argument of a type without a test value: " + type);
    }

    private Set<EventKind> readAll() throws IOException {
        Set<EventKind> kinds = EnumSet.noneOf(EventKind.class);
        HistoryReader reader = new HistoryReader(new ByteArrayInputStream(writer.take()));
        for (RecordedEvent next = reader.next(reading); next != null; next = reader.next(reading)) {
            kinds.add(next.kind());
            EventCodec.decode(next, reading);
        }
        return kinds;
    }

    @Test
    void everyEventIsReadAsItWasWritten() throws Exception {
        List<String> written = new ArrayList<>();
        for (Method event : events().toList()) {
            for (int variant = 0; variant < VARIANTS; variant++) {
                Object[] arguments = arguments(event, variant);
                event.invoke(writer, arguments);
                written.add(call(event, arguments));
            }
        }
        Set<EventKind> kinds = readAll();

        assertThat(read).isEqualTo(written);
        assertThat(kinds).as("kinds of events that were written").containsExactly(EventKind.values());
    }

    @Test
    void theHeaderIsReadAsItWasWritten() throws IOException {
        HistoryReader reader = new HistoryReader(new ByteArrayInputStream(writer.take()));
        assertThat(reader.limits()).isEqualTo(LIMITS);
        assertThat(reader.config()).isEqualTo(RULES);
        assertThat(reader.next(reading)).isNull();
    }

    @Test
    void theBytesOfAnEventAreThoseOfEarlierRecordings() {
        writer.take();
        writer.dialDone(1000, 300, DialResult.OPENED, 2);
        writer.eventBegins();
        writer.slotAnswered(-3);
        writer.configure(999, new Limits(1, 2, 3, 4));
        assertThat(writer.take())
                .containsExactly(
                        // more: loop 2
                        102,
                        2,
                        // dialled, no effects, 1000 later, slot 300, opened
                        4,
                        0,
                        0xD0,
                        0x0F,
                        0xAC,
                        0x02,
                        2,
                        // configure, no effects, 1 earlier, 1 and 2, 3 and 4
                        9,
                        0,
                        1,
                        0x82,
                        0x80,
                        0x80,
                        0x80,
                        0x10,
                        0x88,
                        0x80,
                        0x80,
                        0x80,
                        0x60,
                        // said: -3
                        101,
                        5);
    }

    @Test
    void anAnswerOfAnAtomicSlotIsReadOrItIsNull() throws IOException {
        writer.tick(1);
        writer.slotAnswered(Long.MIN_VALUE);
        HistoryReader reader = new HistoryReader(new ByteArrayInputStream(writer.take()));
        reader.next(reading);
        assertThat(reader.nextSlotAnswer()).isEqualTo(Long.MIN_VALUE);
        assertThat(reader.nextSlotAnswer()).isNull();
    }

    @Test
    void anotherVersionIsRefused() {
        for (byte version : new byte[] {3, 4, 104}) {
            assertThatThrownBy(() -> new HistoryReader(new ByteArrayInputStream(new byte[] {version, 0})))
                    .isInstanceOf(IOException.class)
                    .hasMessage("not a history that can be read here: it says version " + version
                            + ", and the only version that can be read is 5");
        }
    }

    @Test
    void numbersOfLeasesThatAreNoneAreRefusedAsUnreadable() {
        long tooMany = 1L << 31;
        for (RecordedEvent event : List.of(
                new RecordedEvent(EventKind.ACQUIRE, 0, 0, 1, 1, -1L << 18),
                new RecordedEvent(EventKind.OPENED_SHARED, 0, 0, 1, 0, 0),
                new RecordedEvent(EventKind.OPENED_SHARED, 0, 0, 1, tooMany, 0),
                new RecordedEvent(EventKind.CAPACITY, 0, 0, 1, -1, 0),
                new RecordedEvent(EventKind.CAPACITY, 0, 0, 1, tooMany, 0))) {
            assertThatThrownBy(() -> EventCodec.decode(event, reading))
                    .as("%s", event)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("a connection that takes");
        }
        assertThat(read).isEmpty();
    }

    @Test
    void limitsThatAreNoneAreRefusedAsUnreadable() {
        RecordedEvent configure = new RecordedEvent(EventKind.CONFIGURE, 0, 0, 0, 0, 0);
        assertThatThrownBy(() -> EventCodec.decode(configure, reading))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("maxOpen 0 is not allowed");

        NumberWriter header = new NumberWriter();
        header.number(HistoryCodes.VERSION);
        for (int limit = 0; limit < 4; limit++) {
            header.number(limit);
        }
        assertThatThrownBy(() -> new HistoryReader(new ByteArrayInputStream(header.take())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("maxOpen 0 is not allowed");
    }
}
