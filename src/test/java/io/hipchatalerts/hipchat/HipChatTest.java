package io.hipchatalerts.hipchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.alert.Token;
import io.hipchatalerts.config.TestConfig;
import io.hipchatalerts.outcome.Status;
import io.hipchatalerts.state.Ending;
import io.hipchatalerts.time.Deadline;
import io.hipchatalerts.time.VirtualTime;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.ProcessingException;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.jboss.resteasy.reactive.RestResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HipChatTest {

    private static final Instant START = Instant.parse("2026-05-02T09:15:30.25Z");
    private static final Duration DEADLINE = Duration.ofSeconds(25);
    private static final Token TOKEN = new Token("s3cret");
    private static final Notification NOTIFICATION = new Notification("kapacitor", "red", "m", true, "text");
    private static final int FAR_TOO_MANY = 1_000;
    private static final RandomGenerator NO_JITTER = () -> 0L;
    private static final RandomGenerator LONGEST_WAITS = new RandomGenerator() {
        @Override
        public long nextLong() {
            return 0;
        }

        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    };

    private final VirtualTime time = new VirtualTime(START);
    private final Answers answers = new Answers(time);
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    @Test
    void whatHipchatAcceptsAtOnceIsSentWithOneRequest() {
        answers.are(status(204));

        Telling telling = tell();

        assertThat(telling).isEqualTo(new Telling(Status.SENT, Ending.ACCEPTED, 1, "", Duration.ZERO, false));
        assertThat(answers.requests)
                .containsExactly(new Request(START, "Ops%20%2F%20Team", "Bearer s3cret", null, null, NOTIFICATION));
        assertThat(time.pauses()).isEmpty();
    }

    @Test
    void theTokenCanTravelInTheQueryInstead() {
        answers.are(status(204));

        tell("auth", "query");

        assertThat(answers.requests)
                .containsExactly(new Request(START, "Ops%20%2F%20Team", null, "s3cret", null, NOTIFICATION));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            202 | true  | 202
            204 | true  | 204
            401 | false | 401
            404 | false | 404
            429 | false | 429
            503 | false | 503
            """)
    void roomAndTokenAreTriedOnceAndNobodyIsTold(int status, boolean accepted, String detail) {
        answers.are(status(status));

        assertThat(hipChat(NO_JITTER).check("ops", TOKEN)).isEqualTo(new Trial(accepted, detail));

        assertThat(answers.requests).singleElement().satisfies(request -> {
            assertThat(request.authTest()).isTrue();
            assertThat(request.notification().notifies()).isFalse();
        });
        assertThat(time.pauses()).isEmpty();
    }

    @Test
    void anErrorOfHipchatsOwnIsTriedAgain() {
        answers.are(status(500), status(204));

        assertThat(tell()).isEqualTo(new Telling(Status.SENT, Ending.ACCEPTED, 2, "", Duration.ZERO, false));
    }

    @Test
    void aRefusalIsFinal() {
        answers.are(() -> Response.status(401)
                .entity("{\"error\":{\"code\":401,\"message\":\"Invalid OAuth session s3cret\"}}")
                .build());

        assertThat(tell())
                .isEqualTo(new Telling(
                        Status.REFUSED,
                        Ending.NOT_ACCEPTED,
                        1,
                        "HipChat refused the notification: 401 Invalid OAuth session ***",
                        Duration.ZERO,
                        false));
        assertThat(time.pauses()).isEmpty();
    }

    @Test
    void whatHipchatSaysAtLengthIsReadAsFarAsItIsTold() {
        answers.are(() -> Response.status(400)
                .entity("{\"error\":{\"code\":400,\"message\":\"" + "long ".repeat(10_000) + "\"}}")
                .build());

        assertThat(tell().detail())
                .startsWith("HipChat refused the notification: 400 long long")
                .hasSizeBetween(1_000, 1_100);
    }

    @ParameterizedTest
    @ValueSource(ints = {205, 301, 302, 307, 400, 403, 404, 405, 410, 422})
    void anythingOddIsARefusal(int status) {
        answers.are(status(status));

        assertThat(tell().status()).isEqualTo(Status.REFUSED);
        assertThat(answers.requests).hasSize(1);
    }

    @Test
    void aRefusalAfterAnUnclearTryLeavesUnclearWhatTheRoomHasRead() {
        answers.are(status(502), status(401));

        Telling telling = tell();

        assertThat(telling.status()).isEqualTo(Status.REFUSED);
        assertThat(telling.ending()).isEqualTo(Ending.UNCLEAR);
        assertThat(telling.attempts()).isEqualTo(2);
    }

    @Test
    void aLimitAfterAnUnclearTryLeavesItUnclearToo() {
        answers.are(status(500), limitedFor("3600"));

        assertThat(tell().ending()).isEqualTo(Ending.UNCLEAR);
    }

    @Test
    void anAcceptedTryAfterAnUnclearOneIsClear() {
        answers.are(status(500), status(204));

        assertThat(tell().ending()).isEqualTo(Ending.ACCEPTED);
    }

    @Test
    void aLimitIsWaitedForWhenItEndsInTime() {
        Instant reset = Instant.parse("2026-05-02T09:15:40Z");
        answers.are(
                () -> Response.status(429)
                        .header("X-FloodControl-Remaining", "0")
                        .header("X-FloodControl-Reset", reset.getEpochSecond())
                        .build(),
                status(204));

        Telling telling = tell();

        assertThat(telling).isEqualTo(new Telling(Status.SENT, Ending.ACCEPTED, 2, "", Duration.ZERO, false));
        assertThat(answers.requests.get(1).at()).isEqualTo(reset);
    }

    @Test
    void jitterComesOnTopOfALimitSoThatNotAllComeBackAtItsVeryEnd() {
        answers.are(limitedFor("10"), status(204));
        RandomGenerator someJitter = new Random(1);

        tell(hipChat(someJitter), "a", deadline());

        assertThat(answers.requests.get(1).at())
                .isBetween(
                        START.plusSeconds(10).plusNanos(1),
                        START.plusSeconds(10).plusMillis(200));
    }

    @Test
    void aLimitThatEndsPastTheDeadlineEndsItAtOnce() {
        answers.are(limitedFor("60"));

        assertThat(tell())
                .isEqualTo(new Telling(
                        Status.FAILED,
                        Ending.NOT_ACCEPTED,
                        1,
                        "HipChat could not be told in time: 429",
                        Duration.ofSeconds(60),
                        false));
        assertThat(time.pauses()).isEmpty();
        assertThat(answers.requests).hasSize(1);
    }

    @Test
    void aLimitThatEndsWithTheDeadlineLeavesNoTimeForATryEither() {
        answers.are(limitedFor("25"));

        assertThat(tell().status()).isEqualTo(Status.FAILED);
        assertThat(time.pauses()).isEmpty();
    }

    @Test
    void limitsCountOnErrorsToo() {
        answers.are(() -> Response.status(503).header("Retry-After", "7").build(), status(204));

        tell();

        assertThat(answers.requests.get(1).at()).isEqualTo(START.plusSeconds(7));
    }

    @Test
    void noConnectionIsTriedAgainUntilNoTimeIsLeftAndCertainlyToldNobody() {
        answers.areAlways(() -> {
            throw new ProcessingException(new ConnectException("Connection refused"));
        });

        Telling telling = tell(hipChat(new Random(7)), "a", deadline());

        assertThat(telling.status()).isEqualTo(Status.FAILED);
        assertThat(telling.ending()).isEqualTo(Ending.NOT_ACCEPTED);
        assertThat(telling.attempts()).isEqualTo(answers.requests.size()).isGreaterThan(5);
        assertThat(telling.detail())
                .isEqualTo("HipChat could not be told in time: no answer, ConnectException: Connection refused");
        assertThat(telling.retryAfter()).isPositive();
        assertThat(time.instant()).isBefore(START.plus(DEADLINE));
    }

    @Test
    void waitsDoubleFrom200MillisecondsUpTo5Seconds() {
        answers.areAlways(status(500));

        tell(hipChat(LONGEST_WAITS), "a", deadline());

        assertThat(time.pauses().subList(0, 8))
                .extracting(Duration::toMillis)
                .containsExactly(200L, 400L, 800L, 1_600L, 3_200L, 5_000L, 5_000L, 5_000L);
    }

    @Property(tries = 300)
    void neverARequestAfterTheDeadlineNorBeforeTheMomentThatHipchatNamed(
            @ForAll long seed,
            @ForAll @LongRange(min = 50, max = 30_000) long deadlineMillis,
            @ForAll @IntRange(max = 3_000) int answerMillis,
            @ForAll @IntRange(max = 10) int limitSeconds) {
        VirtualTime clock = new VirtualTime(START);
        Answers tired = new Answers(clock);
        tired.areAlways(() -> {
            clock.pass(Duration.ofMillis(answerMillis));
            return limitedFor(String.valueOf(limitSeconds)).get();
        });

        HipChat hipChat =
                new HipChat(tired, TestConfig.with(), clock, clock, new Random(seed), new SimpleMeterRegistry());
        Telling telling = tell(hipChat, "a", Deadline.in(Duration.ofMillis(deadlineMillis), clock), clock);

        assertThat(telling.status()).isEqualTo(Status.FAILED);
        assertThat(telling.attempts()).isEqualTo(tired.requests.size()).isPositive();
        assertThat(tired.requests).allMatch(request -> request.at().isBefore(START.plusMillis(deadlineMillis)));
        Duration apart = Duration.ofMillis(answerMillis).plusSeconds(limitSeconds);
        for (int i = 1; i < tired.requests.size(); i++) {
            assertThat(Duration.between(
                            tired.requests.get(i - 1).at(),
                            tired.requests.get(i).at()))
                    .isGreaterThanOrEqualTo(apart);
        }
    }

    @Test
    void aDeadlineThatHasPassedAlreadyMakesNoRequestAndLeavesNothingUnclear() {
        Deadline passed = new Deadline(START, time);

        Telling telling = tell(hipChat(NO_JITTER), "a", passed);

        assertThat(answers.requests).isEmpty();
        assertThat(telling.status()).isEqualTo(Status.FAILED);
        assertThat(telling.ending()).isEqualTo(Ending.NOT_ACCEPTED);
        assertThat(telling.attempts()).isZero();
        assertThat(telling.detail()).isEqualTo("HipChat could not be told in time: no time was left to try");
        assertThat(telling.retryAfter()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"25s, 50, true", "25s, 49, false", "500ms, 25, true", "500ms, 24, false"})
    void aTryThatWouldHardlyHaveTimeToBeAnsweredIsNotMade(String whole, int left, boolean enough) {
        answers.areAlways(status(204));

        Telling telling = tell(hipChat(NO_JITTER, "deadline", whole), "a", Deadline.in(Duration.ofMillis(left), time));

        assertThat(answers.requests).hasSize(enough ? 1 : 0);
        assertThat(telling.ending()).isEqualTo(enough ? Ending.ACCEPTED : Ending.NOT_ACCEPTED);
    }

    @Test
    void theLastTryIsMadeThoughTheWaitBeforeItEndsALittleLate() {
        answers.areAlways(status(500));
        HipChat overslept = new HipChat(
                answers, TestConfig.with(), time, length -> time.pause(length.plusMillis(20)), LONGEST_WAITS, metrics);

        tell(overslept, "a", deadline());

        assertThat(Duration.between(
                        answers.requests.get(answers.requests.size() - 1).at(), START.plusSeconds(25)))
                .isBetween(Duration.ofMillis(150), Duration.ofMillis(200));
    }

    @Test
    void aProcessThatStoodStillPastTheDeadlineMakesNoFurtherRequest() {
        answers.are(status(429));
        HipChat frozenWhileItWaits = new HipChat(
                answers,
                TestConfig.with(),
                time,
                length -> time.pause(length.plus(Duration.ofMinutes(5))),
                NO_JITTER,
                metrics);

        Telling telling = tell(frozenWhileItWaits, "a", deadline());

        assertThat(answers.requests).hasSize(1);
        assertThat(telling.status()).isEqualTo(Status.FAILED);
        assertThat(telling.ending()).isEqualTo(Ending.NOT_ACCEPTED);
        assertThat(telling.attempts()).isEqualTo(1);
    }

    @Test
    @Timeout(60)
    void aTryNeverTakesMoreTimeThanIsLeft() {
        answers.areNever();

        Telling telling =
                tell(hipChat(NO_JITTER, "request-timeout", "1h"), "a", Deadline.in(Duration.ofMillis(200), time));

        assertThat(telling.status()).isEqualTo(Status.FAILED);
        assertThat(telling.ending()).isEqualTo(Ending.UNCLEAR);
        assertThat(telling.attempts()).isEqualTo(1);
    }

    @Test
    @Timeout(60)
    void aTryThatTakesTooLongIsCalledOffAndTriedAgain() {
        answers.areNever();
        answers.are(status(204));

        Telling telling =
                tell(hipChat(NO_JITTER, "request-timeout", "50ms"), "a", Deadline.in(Duration.ofHours(1), time));

        assertThat(telling).isEqualTo(new Telling(Status.SENT, Ending.ACCEPTED, 2, "", Duration.ZERO, false));
        assertThat(answers.calledOff).hasValue(1);
    }

    @Test
    void anInterruptEndsTheWaitAndTheTelling() {
        answers.are(() -> {
            Thread.currentThread().interrupt();
            return Response.status(429).build();
        });

        Telling telling = tell();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(telling.status()).isEqualTo(Status.FAILED);
        assertThat(telling.attempts()).isEqualTo(1);
        assertThat(answers.requests).hasSize(1);
    }

    @Test
    void aBodyThatCannotBeReadChangesNothingAboutTheStatus() {
        answers.are(() -> Response.status(401).entity(broken()).build());

        assertThat(tell().status()).isEqualTo(Status.REFUSED);
    }

    @ParameterizedTest
    @CsvSource({"200, 1, 0, 0, 0", "401, 0, 1, 0, 0", "429, 1, 0, 1, 0", "500, 1, 0, 0, 1"})
    void eachRequestIsTimedUnderWhatItCameTo(int status, long accepted, long refused, long notNow, long unclear) {
        answers.are(status(status), status(204));

        tell();

        assertThat(timed("accepted")).isEqualTo(accepted);
        assertThat(timed("refused")).isEqualTo(refused);
        assertThat(timed("not-now")).isEqualTo(notNow);
        assertThat(timed("unclear")).isEqualTo(unclear);
    }

    @Test
    void retriesAreCountedAndFirstTriesAreNot() {
        answers.are(status(500), status(429), status(204), status(204), status(401));

        tell();
        tell();
        tell();

        assertThat(metrics.get("hipchat.notify.retries").counter().count()).isEqualTo(2);
    }

    @Test
    void whatWasNotTriedIsNotCountedAsARetry() {
        answers.are(limitedFor("60"));

        tell();

        assertThat(metrics.get("hipchat.notify.retries").counter().count()).isZero();
    }

    @Test
    void everyMetricIsThereBeforeTheFirstRequest() {
        hipChat(NO_JITTER);

        assertThat(metrics.get("hipchat.notify").timers())
                .extracting(timer -> timer.getId().getTag("result"))
                .containsExactlyInAnyOrder("accepted", "refused", "not-now", "unclear");
        assertThat(metrics.get("hipchat.notify.retries").counter().count()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            429 | X-FloodControl-Remaining | 0  | X-FloodControl-Reset | 0
            429 | X-Ratelimit-Remaining    | 0  | X-Ratelimit-Reset    | 0
            204 | X-FloodControl-Remaining | 0  | X-FloodControl-Reset | 0
            204 | X-Ratelimit-Remaining    | 0  | X-Ratelimit-Reset    | 0
            204 | X-FloodControl-Remaining | 1  | X-FloodControl-Reset | 1
            204 | X-FloodControl-Limit     | 30 | X-FloodControl-Reset | 1
            204 | X-FloodControl-Remaining | 0  | X-Ratelimit-Reset    | 1
            429 | X-FloodControl-Limit     | 30 | X-FloodControl-Reset | 1
            """)
    void whatOneAnswerSaysIsUsedUpNoOtherDeliveryAsksFor(
            int status, String header, int value, String reset, int requests) {
        HipChat hipChat = hipChat(NO_JITTER);
        answers.are(
                () -> Response.status(status)
                        .header(header, value)
                        .header(reset, START.plusSeconds(60).getEpochSecond())
                        .build(),
                status(204));
        tell(hipChat, "a", deadline());
        answers.requests.clear();

        hipChat.tell("a", TOKEN, NOTIFICATION, 0, deadline());

        assertThat(answers.requests).hasSize(requests);
    }

    @Test
    void whatWasNotAskedForIsAClearFailureAndCanBeSoon() {
        HipChat hipChat = hipChat(NO_JITTER);
        answers.are(usedUpUntil("2026-05-02T09:16:30Z"));
        tell(hipChat, "a", deadline());

        Telling telling = hipChat.tell("a", TOKEN, NOTIFICATION, 0, deadline());

        assertThat(telling)
                .isEqualTo(new Telling(
                        Status.FAILED,
                        Ending.NOT_ACCEPTED,
                        0,
                        "HipChat could not be told in time: it takes no more messages for this room at" + " the moment",
                        Duration.ofSeconds(1),
                        true));
        assertThat(time.pauses()).isEmpty();
    }

    @Test
    void otherRoomsAndOtherTokensHaveLimitsOfTheirOwn() {
        HipChat hipChat = hipChat(NO_JITTER);
        answers.are(usedUpUntil("2026-05-02T09:16:30Z"), status(204), status(204));
        tell(hipChat, "a", deadline());

        assertThat(hipChat.tell("b", TOKEN, NOTIFICATION, 0, deadline()).status())
                .isEqualTo(Status.SENT);
        assertThat(hipChat.tell("a", new Token("other"), NOTIFICATION, 0, deadline())
                        .status())
                .isEqualTo(Status.SENT);
    }

    @Test
    void thoseThatWaitForTheSameMomentComeBackSecondsApartAndNeverBeforeIt() {
        Instant reset = START.plusSeconds(1);
        HipChat hipChat = hipChat(new Random(3));
        answers.are(usedUpUntil("2026-05-02T09:15:40Z"));
        hipChat.tell("a", TOKEN, NOTIFICATION, 0, deadline());

        List<Instant> back = Stream.generate(() -> hipChat.tell("a", TOKEN, NOTIFICATION, 0, deadline()))
                .limit(100)
                .peek(telling -> assertThat(telling.inTime()).isTrue())
                .map(telling -> START.plus(telling.retryAfter()))
                .sorted()
                .toList();

        assertThat(back.get(0)).isBetween(reset, reset.plusMillis(500));
        assertThat(back.get(99)).isBetween(reset.plusMillis(4_500), reset.plusMillis(5_000));
        assertThat(answers.requests).hasSize(1);
    }

    @Test
    void aRoomThatWasQuietIsAskedAgainAfterASecondForTheLimitMayBeLifted() {
        HipChat hipChat = hipChat(NO_JITTER);
        answers.are(usedUpUntil("2026-05-02T09:15:40Z"), status(204));
        hipChat.tell("a", TOKEN, NOTIFICATION, 0, deadline());

        assertThat(tell(hipChat, "a", deadline()).status()).isEqualTo(Status.SENT);

        assertThat(answers.requests.get(1).at()).isEqualTo(START.plusSeconds(1));
    }

    @Test
    void aWaitThatHipchatNamesIsTheCallersAndWhatWasUnclearStaysSo() {
        answers.are(status(500), limitedFor("10"));

        Telling telling = hipChat(NO_JITTER).tell("a", TOKEN, NOTIFICATION, 3, deadline());

        assertThat(telling)
                .isEqualTo(new Telling(
                        Status.FAILED,
                        Ending.UNCLEAR,
                        5,
                        "HipChat could not be told in time: 429",
                        Duration.ofSeconds(10),
                        true));
    }

    private static Supplier<Response> usedUpUntil(String reset) {
        return () -> Response.status(429)
                .header("X-FloodControl-Limit", 30)
                .header("X-FloodControl-Remaining", 0)
                .header("X-FloodControl-Reset", Instant.parse(reset).getEpochSecond())
                .build();
    }

    private long timed(String result) {
        return metrics.get("hipchat.notify").tag("result", result).timer().count();
    }

    private Telling tell(String... settings) {
        return tell(hipChat(NO_JITTER, settings), "Ops / Team", deadline());
    }

    private Telling tell(HipChat hipChat, String room, Deadline deadline) {
        return tell(hipChat, room, deadline, time);
    }

    /** To the end, with the waits that are the caller's. */
    private static Telling tell(HipChat hipChat, String room, Deadline deadline, VirtualTime time) {
        Telling telling = hipChat.tell(room, TOKEN, NOTIFICATION, 0, deadline);
        while (telling.inTime()) {
            time.pass(telling.retryAfter());
            telling = hipChat.tell(room, TOKEN, NOTIFICATION, telling.attempts(), deadline);
        }
        return telling;
    }

    private HipChat hipChat(RandomGenerator chance, String... settings) {
        return new HipChat(answers, TestConfig.with(settings), time, time, chance, metrics);
    }

    private Deadline deadline() {
        return Deadline.in(DEADLINE, time);
    }

    /** A stream that is closed already throws on every read. */
    private static InputStream broken() {
        InputStream stream = InputStream.nullInputStream();
        try {
            stream.close();
        } catch (IOException cannotBe) {
            throw new AssertionError(cannotBe);
        }
        return stream;
    }

    private static Supplier<Response> status(int status) {
        return () -> Response.status(status).build();
    }

    private static Supplier<Response> limitedFor(String seconds) {
        return () -> Response.status(429).header("Retry-After", seconds).build();
    }

    /** One request as HipChat would see it. */
    private record Request(
            Instant at, String room, String authorization, String token, Boolean authTest, Notification notification) {}

    /** A HipChat that answers what it is told to, or nothing at all. */
    private static final class Answers implements HipChatApi {

        private final VirtualTime time;
        private final List<Request> requests = new ArrayList<>();
        private final AtomicInteger calledOff = new AtomicInteger();
        private final Deque<Uni<Response>> next = new ArrayDeque<>();
        private Supplier<Response> always;

        private Answers(VirtualTime time) {
            this.time = time;
        }

        @SafeVarargs
        @SuppressWarnings("varargs")
        final void are(Supplier<Response>... answers) {
            for (Supplier<Response> answer : answers) {
                next.add(Uni.createFrom().item(answer));
            }
        }

        void areAlways(Supplier<Response> answer) {
            always = answer;
        }

        /** The next request gets no answer until somebody calls it off. */
        void areNever() {
            next.add(Uni.createFrom().<Response>nothing().onCancellation().invoke(calledOff::incrementAndGet));
        }

        /** As the client gives it: the head, and a body that is still to be read. */
        private static RestResponse<InputStream> streamed(Response answer) {
            InputStream body = answer.getEntity() instanceof InputStream stream
                    ? stream
                    : new ByteArrayInputStream(
                            Objects.toString(answer.getEntity(), "").getBytes(StandardCharsets.UTF_8));
            RestResponse.ResponseBuilder<InputStream> head =
                    RestResponse.ResponseBuilder.create(answer.getStatus(), "");
            answer.getStringHeaders().forEach((name, values) -> values.forEach(value -> head.header(name, value)));
            return head.entity(body).build();
        }

        /** An error stops the loop under test where an exception would make it try again. */
        @Override
        public Uni<RestResponse<InputStream>> send(
                String room, String authorization, String token, Boolean authTest, Notification notification) {
            requests.add(new Request(time.instant(), room, authorization, token, authTest, notification));
            if (requests.size() > FAR_TOO_MANY || (next.isEmpty() && always == null)) {
                throw new AssertionError("one request too many: " + requests.size());
            }
            Uni<Response> answer = next.isEmpty() ? Uni.createFrom().item(always) : next.remove();
            return answer.map(Answers::streamed);
        }
    }
}
