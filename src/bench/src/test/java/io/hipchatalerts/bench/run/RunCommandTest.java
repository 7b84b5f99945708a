package io.hipchatalerts.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipchatalerts.bench.process.Variant;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.ParameterException;

class RunCommandTest {

    private static final List<String> JAVA = List.of("java", "-jar", "target/quarkus-app/quarkus-run.jar");

    @Test
    void theProgramAsBuiltIsMeasuredUnlessOthersAreNamed() {
        assertThat(variants()).containsExactly(new Variant("jvm", JAVA, Map.of(), Optional.empty()));
        assertThat(variants("--env", "A=1"))
                .containsExactly(new Variant("jvm", JAVA, Map.of("A", "1"), Optional.empty()));
    }

    @Test
    void settingsAndFilesBelongToTheVariantBeforeThem() {
        assertThat(variants(("--note one --note two --redis --variant x=./x --env A=1 --env B=2=3 --files f"
                                + " --variant bare-x=./b --env A=4 --files g --variant y=./y"
                                + " --variant z=./z --env A=5 --quick")
                        .split(" ", -1)))
                .containsExactly(
                        new Variant("x", List.of("./x"), Map.of("A", "1", "B", "2=3"), Optional.of(Path.of("f"))),
                        new Variant("bare-x", List.of("./b"), Map.of("A", "4"), Optional.of(Path.of("g"))),
                        new Variant("y", List.of("./y"), Map.of(), Optional.empty()),
                        new Variant("z", List.of("./z"), Map.of("A", "5"), Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--variant=x", "--env=x", "--only=x", "--delay=x", "--remembered=", "--x"})
    void aWrongOptionIsRefused(String option) {
        assertThatThrownBy(() -> variants(option)).isInstanceOf(ParameterException.class);
    }

    private static List<Variant> variants(String... arguments) {
        RunCommand command = new RunCommand();
        RunCommand.commandLine(command).parseArgs(arguments);
        return command.variants();
    }
}
