package dev.keepalive;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** What may know what, inside core. */
@AnalyzeClasses(packages = "dev.keepalive", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    /** The API's value types, which the machine speaks of. */
    private static final Set<Class<?>> VALUES =
            Set.of(Endpoint.class, Origin.class, CloseReason.class, Counts.class, Totals.class);

    @ArchTest
    static final ArchRule theMachineKnowsCollectionsAndValuesOnly = classes()
            .that()
            .resideInAPackage("dev.keepalive.machine")
            .should()
            .onlyDependOnClassesThat(DescribedPredicate.describe(
                    "are the language, collections, functions, or values of the API",
                    type -> allowedInMachine(type.getBaseComponentType())));

    @ArchTest
    static final ArchRule nothingButTheShellKnowsTheMachine = noClasses()
            .that()
            .resideInAPackage("dev.keepalive.spi")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.keepalive.machine");

    @ArchTest
    static final ArchRule coreKnowsNothingButTheJdk = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.keepalive..", "java..", "org.jspecify.annotations");

    private static boolean allowedInMachine(JavaClass type) {
        if (VALUES.stream().anyMatch(type::isEquivalentTo) || type.isPrimitive()) {
            return true;
        }
        boolean inLanguage = type.getPackageName().equals("java.lang") && !isClockOrThread(type);
        return inLanguage
                || Set.of("dev.keepalive.machine", "java.util", "java.util.function", "org.jspecify.annotations")
                        .contains(type.getPackageName())
                || type.getPackageName().equals("java.lang.invoke")
                || type.getPackageName().equals("java.lang.runtime");
    }

    private static boolean isClockOrThread(JavaClass type) {
        return type.isEquivalentTo(System.class) || type.isAssignableTo(Thread.class);
    }
}
