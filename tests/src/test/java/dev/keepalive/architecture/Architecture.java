package dev.keepalive.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.keepalive.AcquireException;
import dev.keepalive.Budget;
import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Limits;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.Totals;
import dev.keepalive.spi.DialException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rules of which package may depend on which types. */
final class Architecture {
    private static final String API = "dev.keepalive";
    private static final String SPI = "dev.keepalive.spi";
    private static final String MACHINE = "dev.keepalive.machine";
    private static final String HISTORY = "dev.keepalive.machine.history";
    private static final String INTERNAL = "dev.keepalive.internal";
    private static final String NETTY = "dev.keepalive.netty..";
    private static final String HTTP = "dev.keepalive.http..";

    private Architecture() {}

    /** All other classes get the time from a {@code TimeSource}, so that a test can set it. */
    static ArchRule onlySystemTimeReadsAClock() {
        return noClasses()
                .that(not(nameMatching("dev\\.keepalive\\.spi\\.SystemTime")))
                .should()
                .accessTargetWhere(readsAClock())
                .as("only SystemTime reads a clock");
    }

    /** The machine has no locks, threads, sockets, clocks or loggers, so its events can be replayed. */
    static ArchRule machineIsPure() {
        return classes()
                .that()
                .resideInAPackage(MACHINE)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                MACHINE,
                                "java.lang",
                                "java.lang.runtime",
                                "java.util",
                                "java.util.function",
                                "org.jspecify.annotations")
                        .or(anyOf(
                                Endpoint.class,
                                LeaseOrigin.class,
                                CloseReason.class,
                                Limits.class,
                                Counts.class,
                                Totals.class))
                        .and(not(
                                anyOf(Thread.class, System.class, Runtime.class, ProcessBuilder.class, Process.class))))
                .as("the machine depends on collections, functions and values only");
    }

    /** A user of the core needs no other library. */
    static ArchRule coreDependsOnTheJdkOnly() {
        return classes()
                .that()
                .resideInAnyPackage(API, SPI, INTERNAL, MACHINE, HISTORY)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        API,
                        SPI,
                        INTERNAL,
                        MACHINE,
                        HISTORY,
                        "java..",
                        "com.sun.management",
                        "org.jspecify.annotations"))
                .as("the core depends on the JDK and JSpecify only");
    }

    /** A user can write another connector, and another client: these modules use no internals of the core. */
    static ArchRule nettyUsesOnlyWhatIsPublic() {
        DescribedPredicate<JavaClass> inCore = resideInAnyPackage(API, SPI);
        return noClasses()
                .that()
                .resideInAnyPackage(NETTY, HTTP)
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(INTERNAL, MACHINE, HISTORY).or(inCore.and(not(visible()))))
                .as("the Netty module and the HTTP client use of the core only what is public");
    }

    /** The machine can be changed without a change of the public API. */
    static ArchRule publicApiDoesNotShowTheMachine() {
        return classes()
                .that()
                .resideInAnyPackage(API, SPI, NETTY, HTTP)
                .and()
                .arePublic()
                .should(notShowTheMachine())
                .as("the public API does not show the machine");
    }

    /**
     * The packages form layers. The API and the SPI are one layer: a builder takes a connector, and a connector is told
     * of endpoints. {@link #onlyTheDoorsLeadInside} names the doors from the API to the shell, which implements it.
     */
    static ArchRule packagesHaveNoCircles() {
        return slices().assignedFrom(new Layers())
                .should()
                .beFreeOfCycles()
                .ignoreDependency(isDoor(), resideInAnyPackage(INTERNAL))
                .as("the packages have no circles");
    }

    /** Users and connectors see the API. The shell can be changed behind it. */
    static ArchRule onlyTheDoorsLeadInside() {
        return noClasses()
                .that(resideInAnyPackage(API, SPI, MACHINE, HISTORY).and(not(isDoor())))
                .should()
                .dependOnClassesThat(resideInAnyPackage(INTERNAL))
                .as("only ManagerBuilder, Budget and the copies of exceptions lead to the shell");
    }

    private static DescribedPredicate<JavaClass> isDoor() {
        DescribedPredicate<JavaClass> isException = JavaClass.Predicates.assignableTo(AcquireException.class)
                .or(JavaClass.Predicates.assignableTo(DialException.class));
        return anyOf(ManagerBuilder.class, Budget.class).or(isException);
    }

    /** Each package is a layer of its own, but for the SPI, which belongs to the API. */
    private static final class Layers implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            String name = type.getPackageName();
            return name.startsWith(API) ? SliceIdentifier.of(name.equals(SPI) ? API : name) : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }

    private static DescribedPredicate<JavaAccess<?>> readsAClock() {
        Set<String> clocks = Stream.of(
                        Instant.class,
                        LocalDate.class,
                        LocalTime.class,
                        LocalDateTime.class,
                        OffsetDateTime.class,
                        ZonedDateTime.class)
                .map(type -> type.getName() + ".now")
                .collect(Collectors.toSet());
        clocks.addAll(Set.of(
                "java.lang.System.nanoTime", "java.lang.System.currentTimeMillis", "java.util.Calendar.getInstance"));
        clocks.addAll(Set.of(Date.class.getName() + ".<init>", GregorianCalendar.class.getName() + ".<init>"));
        return DescribedPredicate.describe("reads a clock", access -> {
            JavaClass owner = access.getTargetOwner();
            String name = access.getName();
            return clocks.contains(owner.getName() + "." + name)
                    || owner.isEquivalentTo(Clock.class) && (name.startsWith("system") || name.startsWith("tick"));
        });
    }

    private static DescribedPredicate<JavaClass> anyOf(Class<?>... types) {
        return DescribedPredicate.describe(
                "one of " + List.of(types), type -> Stream.of(types).anyMatch(type::isEquivalentTo));
    }

    /** True for a public class whose enclosing classes are public too. */
    private static DescribedPredicate<JavaClass> visible() {
        return DescribedPredicate.describe(
                "public",
                type -> type.getModifiers().contains(JavaModifier.PUBLIC)
                        && type.getEnclosingClass()
                                .map(outer -> visible().test(outer))
                                .orElse(true));
    }

    private static boolean isHidden(JavaClass type) {
        return Set.of(INTERNAL, MACHINE, HISTORY).contains(type.getPackageName());
    }

    private static ArchCondition<JavaClass> notShowTheMachine() {
        return new ArchCondition<>("not show types of the machine") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (!visible().test(type)) {
                    return;
                }
                type.getMembers().stream()
                        .filter(member -> member.getModifiers().contains(JavaModifier.PUBLIC)
                                || member.getModifiers().contains(JavaModifier.PROTECTED))
                        .filter(member -> shown(member)
                                .anyMatch(shown -> shown.getPackageName().startsWith(MACHINE)))
                        .forEach(member -> events.add(
                                SimpleConditionEvent.violated(member, member.getDescription() + " shows the machine")));
                Stream.concat(type.getAllRawSuperclasses().stream(), type.getAllRawInterfaces().stream())
                        .filter(above -> above.getPackageName().startsWith(MACHINE))
                        .forEach(above -> events.add(SimpleConditionEvent.violated(
                                type, type.getDescription() + " is a " + above.getName())));
            }
        };
    }

    /** The types in the signature of this member. */
    private static Stream<JavaClass> shown(JavaMember member) {
        if (member instanceof JavaField field) {
            return field.getType().getAllInvolvedRawTypes().stream();
        }
        JavaCodeUnit unit = (JavaCodeUnit) member;
        return Stream.of(
                        unit.getReturnType().getAllInvolvedRawTypes().stream(),
                        unit.getParameterTypes().stream().flatMap(type -> type.getAllInvolvedRawTypes().stream()),
                        unit.getExceptionTypes().stream())
                .flatMap(types -> types);
    }
}
