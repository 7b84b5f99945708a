package io.hipchatalerts.alert;

import static io.hipchatalerts.alert.TestEvents.options;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestOptionsTest {

    /** Room, token and state changes only; a dash for no value. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            - - -       | - - -       | - - -
            a t true    | - - -       | a t true
            - - -       | b u false   | b u false
            a t true    | b u false   | a t true
            a - -       | b u true    | a u true
            - t -       | b u true    | b t true
            - - false   | b u true    | b u false
            - - true    | b u false   | b u true
            - - 10m     | - - false   | - - 10m
            """)
    void strongerOptionsWinOneByOne(String stronger, String weaker, String merged) {
        assertThat(options(stronger).over(options(weaker))).isEqualTo(options(merged));
    }
}
