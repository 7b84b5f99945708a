package io.hipchatalerts.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateChangesOnlyTest {

    @Test
    void theQueryParameterIsABooleanOrADuration() {
        assertThat(StateChangesOnly.parse("true")).isEqualTo(new StateChangesOnly(true, Optional.empty()));
        assertThat(StateChangesOnly.parse("false")).isEqualTo(new StateChangesOnly(false, Optional.empty()));
        assertThat(StateChangesOnly.parse("10m"))
                .isEqualTo(new StateChangesOnly(true, Optional.of(Duration.ofMinutes(10))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"yes", "1", "10", "0s", "-1m", "10m ", "perhaps"})
    void anythingElseIsRefusedWithTheAllowedValues(String text) {
        assertThatThrownBy(() -> StateChangesOnly.parse(text))
                .isInstanceOf(BadAlert.class)
                .hasMessage("stateChangesOnly must be true, false or a duration such as 10m or 1h30m"
                        + " (units ms s m h d w), not \"" + text + "\"");
    }
}
