package io.hipchatalerts.bench.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VariantTest {

    @Test
    void aCommandMayBeginWithSettings() {
        assertThat(Variant.of("x=A=1 B_2=2=3 java -Dc=4 D=5"))
                .isEqualTo(new Variant("x", Map.of("A", "1", "B_2", "2=3"), List.of("java", "-Dc=4", "D=5")));
    }

    @Test
    void aNameWithoutACommandIsRefused() {
        assertThatThrownBy(() -> Variant.of("x=A=1 ")).isInstanceOf(IllegalArgumentException.class);
    }
}
