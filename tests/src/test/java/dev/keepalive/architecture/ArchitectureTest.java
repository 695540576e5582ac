package dev.keepalive.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.keepalive.ConnectionManager;
import dev.keepalive.ShowsTheMachineOnPurpose;
import dev.keepalive.cli.KeepaliveCli;
import dev.keepalive.http.KeepaliveHttpClient;
import dev.keepalive.internal.ManagerOptions;
import dev.keepalive.internal.SharedBudget;
import dev.keepalive.machine.ImpureOnPurpose;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.UsesTheShellOnPurpose;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.UsesInternalsOnPurpose;
import dev.keepalive.netty.testkit.EmbeddedConnector;
import dev.keepalive.testkit.FakeConnector;
import java.util.Random;
import java.util.Timer;
import java.util.logging.LogRecord;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checks the rules of {@link Architecture} over the classes of all modules. Each rule is shown to hold, and to fail for
 * a class that breaks it. For the clock, these are classes of the JDK.
 */
class ArchitectureTest {
    private static final JavaClasses PROJECT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.keepalive");

    /** All at once, since an import reads every class that its classes refer to. */
    private static final JavaClasses OFFENDERS = new ClassFileImporter()
            .importClasses(
                    Random.class,
                    Timer.class,
                    LogRecord.class,
                    ImpureOnPurpose.class,
                    ShowsTheMachineOnPurpose.class,
                    UsesInternalsOnPurpose.class,
                    UsesTheShellOnPurpose.class,
                    ManagerOptions.class,
                    SharedBudget.class,
                    MachineConfig.class);

    @Test
    void theClassesOfAllModulesAreChecked() {
        assertThat(PROJECT.contain(ConnectionManager.class)).isTrue();
        assertThat(PROJECT.contain(NettyConnector.class)).isTrue();
        assertThat(PROJECT.contain(FakeConnector.class)).isTrue();
        assertThat(PROJECT.contain(EmbeddedConnector.class)).isTrue();
        assertThat(PROJECT.contain(KeepaliveHttpClient.class)).isTrue();
        assertThat(PROJECT.contain(KeepaliveCli.class)).isTrue();
        assertThat(PROJECT.contain(ImpureOnPurpose.class)).isFalse();
    }

    static Stream<Arguments> rules() {
        return Stream.of(
                Arguments.of(Architecture.onlySystemTimeReadsAClock(), Random.class, 1),
                Arguments.of(Architecture.onlySystemTimeReadsAClock(), Timer.class, 1),
                Arguments.of(Architecture.onlySystemTimeReadsAClock(), LogRecord.class, 1),
                Arguments.of(Architecture.machineIsPure(), ImpureOnPurpose.class, 4),
                Arguments.of(Architecture.coreDependsOnTheJdkOnly(), ShowsTheMachineOnPurpose.class, 1),
                Arguments.of(Architecture.nettyUsesOnlyWhatIsPublic(), UsesInternalsOnPurpose.class, 1),
                Arguments.of(Architecture.publicApiDoesNotShowTheMachine(), ShowsTheMachineOnPurpose.class, 3),
                Arguments.of(Architecture.onlyTheDoorsLeadInside(), UsesTheShellOnPurpose.class, 1),
                Arguments.of(Architecture.packagesHaveNoCircles(), UsesTheShellOnPurpose.class, 1));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void eachRuleHolds(ArchRule rule) {
        rule.check(PROJECT);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void eachRuleCanFail(ArchRule rule, Class<?> offender, int offences) {
        // With it a class of the shell that knows the machine, so that there can be a circle.
        JavaClasses bad =
                OFFENDERS.that(belongToAnyOf(offender, ManagerOptions.class, SharedBudget.class, MachineConfig.class));

        assertThat(bad.contain(offender)).isTrue();
        assertThat(rule.evaluate(bad).getFailureReport().getDetails()).hasSizeGreaterThanOrEqualTo(offences);
    }
}
