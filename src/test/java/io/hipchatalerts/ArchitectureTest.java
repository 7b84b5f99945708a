package io.hipchatalerts;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.hipchatalerts.state.AlertProtocol;
import org.junit.jupiter.api.Test;

/** The shape that the packages' descriptions promise. */
class ArchitectureTest {

    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.hipchatalerts");

    @Test
    void theCodeIsLookedAt() {
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
        noClasses()
                .that()
                .resideInAnyPackage(
                        "..alert..",
                        "..match..",
                        "..routing..",
                        "..state..",
                        "..hipchat..",
                        "..outcome..",
                        "..config..",
                        "..time..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.hipchatalerts")
                .check(CODE);
    }

    @Test
    void noStepKnowsHowAnEventCameIn() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "..alert..",
                        "..match..",
                        "..routing..",
                        "..state..",
                        "..hipchat..",
                        "..outcome..",
                        "..config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.hipchatalerts.http..",
                        "io.hipchatalerts.lambda..",
                        "io.hipchatalerts.web..",
                        "com.amazonaws..",
                        "io.vertx.ext.web..",
                        "io.vertx.core.http..",
                        "io.quarkus.funqy..",
                        "io.quarkus.vertx..")
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

    @Test
    void theProtocolIsAPureFunction() {
        classes()
                .that()
                .areAssignableTo(AlertProtocol.class)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "java.lang..",
                        "java.time..",
                        "java.util..",
                        "io.hipchatalerts.alert..",
                        "io.hipchatalerts.outcome..",
                        "io.hipchatalerts.state.."))
                .check(CODE);
        noClasses()
                .that()
                .areAssignableTo(AlertProtocol.class)
                .should()
                .dependOnClassesThat()
                .haveSimpleNameEndingWith("Store")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.time.Clock")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.time.InstantSource")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(CODE);
    }

    @Test
    void namesSayWhatAClassIs() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .check(CODE);
    }
}
