package io.hipchatalerts;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.hipchatalerts.hipchat.SendResult;
import io.hipchatalerts.state.AlertProtocol;
import io.hipchatalerts.state.AlertStates;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/** The shape that the packages' descriptions promise. */
class ArchitectureTest {

    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.hipchatalerts");

    private static final String[] STEPS = {
        "..alert..", "..match..", "..routing..", "..state..", "..delivery..", "..hipchat..", "..outcome..", "..config.."
    };

    @Test
    void theRulesSeeTheCodeAndNotTheTests() {
        assertThat(CODE.contain(AlertPipeline.class)).isTrue();
        assertThat(CODE.contain(AlertProtocol.class)).isTrue();
        assertThat(CODE.contain(ArchitectureTest.class)).isFalse();
    }

    @Test
    void noTwoPackagesNeedEachOther() {
        slices().matching("io.hipchatalerts.(*)..").should().beFreeOfCycles().check(CODE);
    }

    @Test
    void noStepKnowsThePathThatJoinsThem() {
        never(STEPS, "io.hipchatalerts");
        never(new String[] {"..time.."}, "io.hipchatalerts");
    }

    @Test
    void noStepKnowsATrigger() {
        never(
                STEPS,
                "io.hipchatalerts.http..",
                "io.hipchatalerts.lambda..",
                "io.hipchatalerts.web..",
                "com.amazonaws..",
                "io.vertx.ext.web..",
                "io.quarkus.funqy..",
                "io.quarkus.vertx..");
        noClasses()
                .that()
                .resideInAnyPackage(STEPS)
                .should()
                .dependOnClassesThat()
                .haveNameMatching("io\\.vertx\\.core\\.http\\.HttpServer.*")
                .check(CODE);
    }

    @Test
    void theAlertNeedsNothingButAJsonReader() {
        noClasses()
                .that()
                .resideInAPackage("..alert..")
                .should()
                .dependOnClassesThat(
                        resideOutsideOfPackages("io.hipchatalerts.alert..", "java..", "com.fasterxml.jackson.."))
                .check(CODE);
    }

    @Test
    void aMatchNeedsNothingButTheEventAndARegexEngineThatCannotHang() {
        noClasses()
                .that()
                .resideInAPackage("..match..")
                .should()
                .dependOnClassesThat(resideOutsideOfPackages(
                        "io.hipchatalerts.match..", "io.hipchatalerts.alert..", "java..", "com.google.re2j.."))
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.util.regex..")
                .check(CODE);
    }

    /** HipChat's client turns one request into one result; it knows nothing of leases and retries. */
    @Test
    void hipChatKnowsNeitherTheStateNorTheDelivery() {
        never(new String[] {"..hipchat.."}, "io.hipchatalerts.state..", "io.hipchatalerts.delivery..");
    }

    @Test
    void theStateDoesNotKnowTheDelivery() {
        never(new String[] {"..state.."}, "io.hipchatalerts.delivery..");
    }

    @Test
    void aStoreComparesAndSetsAndDecidesNothing() {
        noClasses()
                .that()
                .resideInAPackage("..state.store..")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(AlertProtocol.class, AlertStates.class)
                .check(CODE);
    }

    @Test
    void onlyAStoreKnowsItsClient() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..state.store..", "..config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx.redis..", "io.quarkus.redis..", "software.amazon..")
                .check(CODE);
    }

    @Test
    void theProtocolIsAPureFunction() {
        classes()
                .that()
                .areAssignableTo(AlertProtocol.class)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                "java.lang..",
                                "java.time..",
                                "java.util",
                                "java.util.function",
                                "io.hipchatalerts.alert",
                                "io.hipchatalerts.outcome",
                                "io.hipchatalerts.state")
                        .or(assignableTo(SendResult.class)))
                .check(CODE);
        noClasses()
                .that()
                .areAssignableTo(AlertProtocol.class)
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(AlertStates.class, Clock.class, InstantSource.class)
                .orShould()
                .callMethod(Instant.class, "now")
                .check(CODE);
    }

    @Test
    void classNamesHaveNoEmptySuffix() {
        noClasses().should().haveNameMatching(".*(Impl|Utils?|Manager)").check(CODE);
    }

    private static void never(String[] packages, String... used) {
        noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(used)
                .check(CODE);
    }
}
