package io.hipchatalerts.fake;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;

/**
 * HipChat for tests and benchmarks: a real HTTP server. It treats each request as the test decides, and accepts every
 * message with 204 if the test decides nothing. It records each request and each accepted message with its time.
 *
 * <p>It also records failures: a reaction that throws, a malformed request, a client that does not give up on a request
 * without an answer. {@link #verify()} and {@link #close()} throw them.
 */
public final class FakeHipChat implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Listener listener;
    private final String scheme;
    private final Duration patience;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(2, work -> {
        Thread thread = new Thread(work, "clock of the fake HipChat");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Decisions decisions = new Decisions();

    // The lock of this object guards the fields below. Each change notifies the threads that wait for it.
    private Records records = new Records(false);
    private CompletableFuture<Void> released = new CompletableFuture<>();
    private final List<Exchange> stalled = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private int undecided;

    private FakeHipChat(ServerSocketFactory sockets, String scheme, Duration patience) {
        this.scheme = scheme;
        this.patience = patience;
        listener = new Listener(sockets, this::connect);
    }

    /** Starts a HipChat at any free port. */
    public static FakeHipChat start() {
        return start(PATIENCE);
    }

    /** Starts a HipChat that speaks TLS. */
    public static FakeHipChat start(SSLContext tls) {
        return new FakeHipChat(tls.getServerSocketFactory(), "https", PATIENCE);
    }

    /** Starts a HipChat whose waits end after this time. */
    static FakeHipChat start(Duration patience) {
        return new FakeHipChat(ServerSocketFactory.getDefault(), "http", patience);
    }

    /** Returns the value for {@code hipchat.url}. */
    public String url() {
        return scheme + "://127.0.0.1:" + port() + "/v2/room";
    }

    public int port() {
        return listener.port();
    }

    // Reactions

    /** Treats every request like this. */
    public void reacts(Reaction reaction) {
        decides(request -> reaction);
    }

    /** Treats every request as the function decides. The function runs on the thread of the connection. */
    public void decides(Function<ReceivedRequest, Reaction> decision) {
        decisions.toEach(decision);
    }

    /** Treats the next requests like this, one each. */
    public void reactsInTurn(Reaction... reactions) {
        decisions.toNext(reactions);
    }

    /** Treats every request for a room like this. This comes before the reactions to requests for all rooms. */
    public void reacts(String room, Reaction reaction) {
        decisions.toEachOf(room, reaction);
    }

    /** Treats the next requests for a room like this, one each. */
    public void reactsInTurn(String room, Reaction... reactions) {
        decisions.toNextOf(room, reactions);
    }

    /** Lets each request go on that has arrived so far and whose reaction waits for this call. */
    public void release() {
        CompletableFuture<Void> now;
        synchronized (this) {
            now = released;
            released = new CompletableFuture<>();
        }
        now.complete(null);
    }

    /** Stops listening, and closes each connection as soon as its request is answered. */
    public void goAway() {
        listener.close();
        connections.forEach(Connection::closeOnceAnswered);
    }

    /** Listens again at the same port. */
    public void comeBack() {
        listener.reopen();
    }

    /** Forgets all records and keeps only counts from now on. A benchmark has no memory for more. */
    public synchronized void countOnly() {
        records = new Records(true);
    }

    /**
     * Forgets all records and decisions, and throws what {@link #verify()} throws. Late acceptances of the requests that
     * arrived before are not recorded any more.
     */
    public void reset() {
        try {
            verify();
        } finally {
            synchronized (this) {
                // A request that has arrived since then is in the old records, and so is what is decided about it.
                holds(() -> undecided == 0);
                records = records.fresh();
                decisions = new Decisions();
            }
        }
    }

    // Records

    /** Returns all requests that arrived, oldest first. */
    public synchronized List<ReceivedRequest> requests() {
        return List.copyOf(records.requests);
    }

    /** Returns the requests for a room, oldest first. */
    public List<ReceivedRequest> requests(String room) {
        return requests().stream()
                .filter(request -> request.room().equals(room))
                .toList();
    }

    /** Returns the only request that arrived. */
    public ReceivedRequest onlyRequest() {
        List<ReceivedRequest> all = requests();
        if (all.size() != 1) {
            throw new AssertionError("expected one request, not " + all);
        }
        return all.get(0);
    }

    /** Returns all messages, in the order in which they were accepted. */
    public synchronized List<Acceptance> accepted() {
        return List.copyOf(records.accepted);
    }

    /** Returns the messages of a room, in the order in which they were accepted. */
    public List<Acceptance> accepted(String room) {
        return accepted().stream()
                .filter(acceptance -> acceptance.request().room().equals(room))
                .toList();
    }

    /** Returns the requests whose clients closed the connection before they had the whole answer. */
    public synchronized List<ReceivedRequest> givenUp() {
        return List.copyOf(records.givenUp);
    }

    /**
     * Returns the answered requests whose clients closed the connection at once after the answer. Such a client may have
     * given up while the answer was on its way.
     */
    public synchronized List<ReceivedRequest> perhapsUnread() {
        return List.copyOf(records.perhapsUnread);
    }

    /** Returns the number of requests that arrived. */
    public synchronized long requestCount() {
        return records.requestCount();
    }

    /** Returns the number of messages that were accepted. */
    public synchronized long acceptedCount() {
        return records.acceptedCount();
    }

    /** Returns the number of connections that are open on this side. */
    public int openConnections() {
        return connections.size();
    }

    // Waiting

    /** Waits until this many requests have arrived. */
    public void awaitRequests(int count) {
        await(() -> requestCount() >= count, () -> count + " requests, not " + requests());
    }

    /** Waits until this many requests for a room have arrived. */
    public void awaitRequests(String room, int count) {
        await(() -> requests(room).size() >= count, () -> count + " requests for " + room + ", not " + requests());
    }

    /** Waits until this many messages have been accepted. */
    public void awaitAccepted(int count) {
        await(() -> acceptedCount() >= count, () -> count + " accepted messages, not " + accepted());
    }

    /** Waits until this many messages of a room have been accepted. */
    public void awaitAccepted(String room, int count) {
        await(() -> accepted(room).size() >= count, () -> count + " messages in " + room + ", not " + accepted());
    }

    /** Waits until the clients have given up on this many requests. */
    public void awaitGivenUp(int count) {
        await(() -> givenUp().size() >= count, () -> count + " requests given up, not " + givenUp());
    }

    /** Waits until at most this many connections are open. */
    public void awaitOpenConnections(int most) {
        await(() -> openConnections() <= most, () -> most + " open connections at most, not " + openConnections());
    }

    /** Waits until a condition on the records of this HipChat holds. */
    public void await(BooleanSupplier condition, Supplier<String> expected) {
        if (!holds(condition)) {
            throw new AssertionError("expected " + expected.get() + " within " + patience);
        }
    }

    private synchronized boolean holds(BooleanSupplier condition) {
        long end = System.nanoTime() + patience.toNanos();
        try {
            while (!condition.getAsBoolean()) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
            return true;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    // The end

    /**
     * Waits until the clients have given up on all requests that get no complete answer.
     *
     * @throws AssertionError if a client does not give up, or if anything else has failed
     */
    public void verify() {
        holds(() -> undecided == 0 && stalled.stream().noneMatch(Exchange::isStalled));
        AssertionError failure = new AssertionError("failures at HipChat");
        synchronized (this) {
            stalled.stream()
                    .filter(Exchange::isStalled)
                    .map(exchange -> new AssertionError("the client did not give up on " + exchange.request()))
                    .forEach(failures::add);
            stalled.clear();
            failures.forEach(failure::addSuppressed);
            failures.clear();
        }
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    /** Stops, and throws what {@link #verify()} throws. */
    @Override
    public void close() {
        try {
            verify();
        } finally {
            listener.close();
            connections.forEach(Connection::end);
            clock.shutdownNow();
        }
    }

    // For connections and exchanges

    private void connect(Socket client) {
        try {
            Connection connection = new Connection(this, client);
            connections.add(connection);
            var unused = Connection.inBackground(connection::serve);
        } catch (IOException gone) {
            // The client has closed the connection already.
        }
    }

    synchronized Exchange receive(ReceivedRequest request, Connection connection) {
        records.receive(request);
        undecided++;
        notifyAll();
        return new Exchange(this, records, connection, request, released);
    }

    void react(Exchange exchange) {
        exchange.run(() -> decisions.decide(exchange.request()).to(exchange));
        record(() -> undecided--);
    }

    synchronized void record(Runnable change) {
        change.run();
        notifyAll();
    }

    void changed() {
        record(() -> {});
    }

    void fail(Throwable failure) {
        record(() -> failures.add(failure));
    }

    synchronized void expectGiveUp(Exchange exchange) {
        stalled.removeIf(Exchange::isOver);
        stalled.add(exchange);
    }

    void after(Duration delay, Runnable step) {
        try {
            var unused = clock.schedule(step, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException stopped) {
            // Nobody waits for it any more.
        }
    }

    void closed(Connection connection) {
        connections.remove(connection);
        changed();
    }
}
