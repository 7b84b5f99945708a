package io.hipchatalerts.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionsTest {

    private static final Pattern VERSION = Pattern.compile("<([a-z0-9-]+\\.version)>([^<]+)<");

    @ParameterizedTest
    @CsvSource({"pom.xml, quarkus.version", "pom.xml, error-prone.version", "bare/pom.xml, smallrye-config.version"})
    void aVersionThatTheProgramNamesTooIsTheSame(String pom, String expected) throws IOException {
        Map<String, String> program = versions(Path.of("..", "..", "pom.xml"));
        program.putAll(versions(Path.of("..", "build", "pom.xml")));
        Map<String, String> bench = versions(Path.of(pom));

        bench.keySet().retainAll(program.keySet());

        assertThat(bench)
                .containsKey(expected)
                .allSatisfy((name, version) -> assertThat(version).as(name).isEqualTo(program.get(name)));
    }

    private static Map<String, String> versions(Path pom) throws IOException {
        return VERSION.matcher(Files.readString(pom))
                .results()
                .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2)));
    }
}
