package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.ws.rs.ProcessingException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class VerdictTest {

    private static final Set<Integer> ACCEPTED = Set.of(200, 201, 202, 203, 204);
    private static final Set<Integer> CERTAINLY_NOT_TAKEN_BUT_MAYBE_LATER = Set.of(408, 429);

    @Test
    void everyHttpStatusMeansWhatTheContractSays() {
        for (int status = 100; status <= 599; status++) {
            Verdict expected;
            if (ACCEPTED.contains(status)) {
                expected = Verdict.ACCEPTED;
            } else if (CERTAINLY_NOT_TAKEN_BUT_MAYBE_LATER.contains(status)) {
                expected = Verdict.NOT_NOW;
            } else if (String.valueOf(status).startsWith("5")) {
                expected = Verdict.UNCLEAR;
            } else {
                expected = Verdict.REFUSED;
            }

            assertThat(Verdict.of(status)).as("status %d", status).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"ACCEPTED, false", "REFUSED, false", "NOT_NOW, true", "UNCLEAR, true"})
    void onlyWhatMayEndBetterIsWorthAnotherTry(Verdict verdict, boolean worthIt) {
        assertThat(verdict.isWorthAnotherTry()).isEqualTo(worthIt);
    }

    static List<Throwable> beforeTheRequestWentOut() {
        return List.of(
                new ConnectException("Connection refused"),
                new NoRouteToHostException("No route to host"),
                new UnknownHostException("hipchat.invalid"),
                new UnresolvedAddressException(),
                new SSLHandshakeException("unable to find valid certification path"),
                new io.netty.channel.ConnectTimeoutException("connection timed out"));
    }

    @ParameterizedTest
    @MethodSource("beforeTheRequestWentOut")
    void withoutAConnectionHipchatHasCertainlyNotTakenIt(Throwable failure) {
        assertThat(Verdict.of(failure)).isEqualTo(Verdict.NOT_NOW);
        assertThat(Verdict.of(new ProcessingException(failure))).isEqualTo(Verdict.NOT_NOW);
        assertThat(Verdict.of(new CompletionException(new ProcessingException(new IOException(failure)))))
                .isEqualTo(Verdict.NOT_NOW);
    }

    static List<Throwable> perhapsAfterIt() {
        return List.of(
                new io.smallrye.mutiny.TimeoutException(),
                new TimeoutException("no answer"),
                new SocketTimeoutException("Read timed out"),
                new SocketException("Connection reset"),
                new BindException("Address already in use"),
                new SSLException("closing inbound before receiving peer's close_notify"),
                new ClosedChannelException(),
                new IOException("Connection was closed"),
                new IllegalStateException("something else"));
    }

    @ParameterizedTest
    @MethodSource("perhapsAfterIt")
    void anyOtherSilenceIsUnclear(Throwable failure) {
        assertThat(Verdict.of(failure)).isEqualTo(Verdict.UNCLEAR);
        assertThat(Verdict.of(new CompletionException(new ProcessingException(failure))))
                .isEqualTo(Verdict.UNCLEAR);
    }
}
