package io.hipchatalerts.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One request and the answer to it. After the client has given up, {@link #accept()} still accepts the message, but
 * nothing is written any more.
 */
public final class Exchange {

    /** A part of a reaction. */
    public interface Step {
        void run() throws IOException;
    }

    /** A client that closes the connection so soon after an answer may have given up before it read the answer. */
    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    private enum State {
        OPEN,
        ANSWERED,
        CLOSED,
        GIVEN_UP
    }

    private final FakeHipChat hipChat;
    private final Records records;
    private final Connection connection;
    private final ReceivedRequest request;
    private final CompletableFuture<Void> released;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final CountDownLatch written = new CountDownLatch(1);
    private volatile boolean stalled;
    private volatile Instant answeredAt = Instant.MAX;

    Exchange(
            FakeHipChat hipChat,
            Records records,
            Connection connection,
            ReceivedRequest request,
            CompletableFuture<Void> released) {
        this.hipChat = hipChat;
        this.records = records;
        this.connection = connection;
        this.request = request;
        this.released = released;
    }

    /** Returns the request. */
    public ReceivedRequest request() {
        return request;
    }

    /** Returns whether the client has its answer, has given up, or has no connection any more. */
    public boolean isOver() {
        return state.get() != State.OPEN;
    }

    /** Puts the message into the room. */
    public void accept() {
        hipChat.record(() -> records.accept(request));
    }

    /** Writes a part of an answer. */
    public void write(String part) throws IOException {
        if (!isOver()) {
            connection.write(part.getBytes(UTF_8));
        }
    }

    /** Writes a whole answer. Then the connection serves the next request, or is closed. */
    public void answer(String whole, boolean closesThen) throws IOException {
        // This comes before the write: a client that closes the connection after the answer has not given up.
        if (!state.compareAndSet(State.OPEN, State.ANSWERED)) {
            return;
        }
        answeredAt = Instant.now();
        try {
            connection.write(whole.getBytes(UTF_8));
            if (closesThen) {
                connection.close();
            }
        } catch (IOException gone) {
            state.set(State.GIVEN_UP);
            hipChat.record(() -> records.giveUp(request));
            throw gone;
        } finally {
            written.countDown();
            hipChat.changed();
        }
    }

    /** Leaves the client without an answer, or without the rest of it: the client has to close the connection. */
    public void stall() {
        stalled = true;
        hipChat.expectGiveUp(this);
        if (connection.isClosing()) {
            close();
        }
    }

    /** Closes the connection. */
    public void close() {
        if (end(State.CLOSED)) {
            connection.close();
        }
    }

    /** Resets the connection: the client gets an error instead of an end. */
    public void cut() {
        if (end(State.CLOSED)) {
            connection.cut();
        }
    }

    /** Goes on after this time, even if the client has given up by then. */
    public void after(Duration delay, Step step) {
        hipChat.after(delay, () -> run(step));
    }

    /** Goes on at {@link FakeHipChat#release()}, even if the client has given up by then. */
    public void onceReleased(Step step) {
        var unused = released.thenRun(() -> run(step));
    }

    /** Writes a part after each pause until the client closes the connection. */
    public void writeEach(Duration pause, String part) {
        after(pause, () -> {
            write(part);
            if (!isOver()) {
                writeEach(pause, part);
            }
        });
    }

    /** Writes a part again and again, as fast as the client reads, until the client closes the connection. */
    public void writeEndlessly(String part) {
        var unused = Connection.inBackground(() -> run(() -> {
            while (!isOver()) {
                write(part);
            }
        }));
    }

    /** Runs a step. If it fails for another reason than a client that is gone, the test fails. */
    void run(Step step) {
        try {
            step.run();
        } catch (IOException gone) {
            giveUp();
        } catch (RuntimeException | Error failure) {
            hipChat.fail(new AssertionError("the reaction to " + request + " failed", failure));
            end(State.CLOSED);
            connection.cut();
        }
    }

    /** The client has closed the connection. */
    void giveUp() {
        if (end(State.GIVEN_UP)) {
            hipChat.record(() -> records.giveUp(request));
        } else if (!connection.isClosing()
                && isRecent(answeredAt)
                && state.compareAndSet(State.ANSWERED, State.GIVEN_UP)) {
            hipChat.record(() -> records.leavePerhapsUnread(request));
        }
    }

    boolean isStalled() {
        return stalled && !isOver();
    }

    /** Waits until the client has its answer. */
    void untilOver() throws InterruptedException {
        written.await();
    }

    private boolean end(State end) {
        boolean ended = state.compareAndSet(State.OPEN, end);
        if (ended) {
            written.countDown();
            hipChat.changed();
        }
        return ended;
    }

    private static boolean isRecent(Instant answeredAt) {
        return Duration.between(answeredAt, Instant.now()).compareTo(AT_ONCE) < 0;
    }
}
