package io.hipchatalerts.fake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * HipChat for tests and benchmarks: a real HTTP server that treats each request as the test decides, and records what it
 * received and accepted, and when. Without a decision it accepts every message with 204.
 *
 * <p>What must not happen (a reaction that throws, a malformed request, a client that never gives up on a request
 * without an answer) is recorded, and {@link #verify()} and {@link #close()} throw it.
 */
public final class FakeHipChat implements AutoCloseable {

    /** A client that closes the connection so soon after an answer may have given up before it read the answer. */
    static final Duration HANGS_UP_AT_ONCE = Duration.ofSeconds(2);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BACKLOG = 1_000;

    private final ServerSocketFactory sockets;
    private final String scheme;
    private final Duration patience;
    private final int port;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(2, work -> {
        Thread thread = new Thread(work, "clock of the fake HipChat");
        thread.setDaemon(true);
        return thread;
    });
    private volatile ServerSocket listener;
    private volatile Thread acceptor;

    // The lock of this object guards all below, and is notified of each change.
    private Records records = new Records(true);
    private Function<ReceivedRequest, Reaction> decision = request -> Reaction.accepts();
    private final Deque<Reaction> inTurn = new ArrayDeque<>();
    private final Map<String, Reaction> rooms = new HashMap<>();
    private final Map<String, Deque<Reaction>> roomsInTurn = new HashMap<>();
    private CompletableFuture<Void> released = new CompletableFuture<>();
    private final List<Exchange> stalled = new ArrayList<>();
    private final List<Throwable> unexpected = new ArrayList<>();
    private int unreadToCut;
    private int undecided;

    private FakeHipChat(int port, ServerSocketFactory sockets, String scheme, Duration patience) {
        this.sockets = sockets;
        this.scheme = scheme;
        this.patience = patience;
        listen(port);
        this.port = listener.getLocalPort();
    }

    /** Starts one at any free port. */
    public static FakeHipChat start() {
        return startAt(0);
    }

    /** Starts one at this port. */
    public static FakeHipChat startAt(int port) {
        return new FakeHipChat(port, ServerSocketFactory.getDefault(), "http", PATIENCE);
    }

    /** Starts one that speaks TLS. */
    public static FakeHipChat start(SSLContext tls) {
        return new FakeHipChat(0, tls.getServerSocketFactory(), "https", PATIENCE);
    }

    /** Starts one that waits no longer than this for anything. */
    static FakeHipChat start(Duration patience) {
        return new FakeHipChat(0, ServerSocketFactory.getDefault(), "http", patience);
    }

    /** Returns the value for {@code hipchat.url}. */
    public String url() {
        return scheme + "://127.0.0.1:" + port + "/v2/room";
    }

    public int port() {
        return port;
    }

    // How it treats requests

    /** Treats all requests like this. */
    public void reacts(Reaction reaction) {
        decides(request -> reaction);
    }

    /** Treats all requests as the function decides. It runs on the thread of the connection. */
    public synchronized void decides(Function<ReceivedRequest, Reaction> everyRequest) {
        decision = everyRequest;
    }

    /** Treats the next requests like this, one each, and all that follow as decided otherwise. */
    public synchronized void reactsInTurn(Reaction... reactions) {
        inTurn.addAll(List.of(reactions));
    }

    /** Treats all requests for a room like this, whatever is decided for others. */
    public synchronized void reacts(String room, Reaction reaction) {
        rooms.put(room, reaction);
    }

    /** Treats the next requests for a room like this, one each, and all that follow as decided otherwise. */
    public synchronized void reactsInTurn(String room, Reaction... reactions) {
        roomsInTurn.computeIfAbsent(room, first -> new ArrayDeque<>()).addAll(List.of(reactions));
    }

    /** Resets the connections of the next requests as soon as their first byte arrives. No record is made of them. */
    public synchronized void cutsUnread(int requests) {
        unreadToCut = requests;
    }

    /** Lets all requests go on that wait for this, and those received so far that come to wait for it. */
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
        stopListening();
        connections.forEach(Connection::closeOnceAnswered);
    }

    /** Listens again, at the same port. */
    public void comeBack() {
        listen(port);
    }

    /** Forgets all records, and keeps only numbers from now on: for a benchmark. */
    public synchronized void countOnly() {
        records = new Records(false);
    }

    /**
     * Starts anew: throws what {@link #verify()} throws, forgets all records and accepts every message. A message that
     * is accepted later in answer to a request from before is not recorded any more.
     */
    public void reset() {
        try {
            verify();
        } finally {
            synchronized (this) {
                records = new Records(records.keepsAll);
                decision = request -> Reaction.accepts();
                inTurn.clear();
                rooms.clear();
                roomsInTurn.clear();
                unreadToCut = 0;
            }
        }
    }

    // What happened

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
        return records.requestCount;
    }

    /** Returns the number of messages that were accepted. */
    public synchronized long acceptedCount() {
        return records.acceptedCount;
    }

    /** Returns the number of connections that are open on this side. */
    public int openConnections() {
        return connections.size();
    }

    // Waiting

    /** Waits until so many requests have arrived. */
    public void awaitRequests(int count) {
        await(() -> requestCount() >= count, () -> count + " requests, not " + requests());
    }

    /** Waits until so many requests for a room have arrived. */
    public void awaitRequests(String room, int count) {
        await(() -> requests(room).size() >= count, () -> count + " requests for " + room + ", not " + requests());
    }

    /** Waits until so many messages have been accepted. */
    public void awaitAccepted(int count) {
        await(() -> acceptedCount() >= count, () -> count + " accepted messages, not " + accepted());
    }

    /** Waits until so many messages of a room have been accepted. */
    public void awaitAccepted(String room, int count) {
        await(() -> accepted(room).size() >= count, () -> count + " messages in " + room + ", not " + accepted());
    }

    /** Waits until the clients have given up on so many requests. */
    public void awaitGivenUp(int count) {
        await(() -> givenUp().size() >= count, () -> count + " requests given up, not " + givenUp());
    }

    /** Waits until no more connections than so many are open. */
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
     * @throws AssertionError if one does not, or if anything else happened that must not
     */
    public void verify() {
        holds(() -> undecided == 0 && stalled.stream().noneMatch(Exchange::isStalled));
        AssertionError failure = new AssertionError("what must not happen at HipChat did");
        synchronized (this) {
            stalled.stream()
                    .filter(Exchange::isStalled)
                    .forEach(exchange ->
                            unexpected.add(new AssertionError("the client did not give up on " + exchange.request())));
            stalled.clear();
            unexpected.forEach(failure::addSuppressed);
            unexpected.clear();
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
            stop();
        }
    }

    private void stop() {
        stopListening();
        connections.forEach(Connection::end);
        clock.shutdownNow();
    }

    // For connections and exchanges

    private void listen(int at) {
        try {
            ServerSocket fresh = sockets.createServerSocket();
            fresh.setReuseAddress(true);
            fresh.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), at), BACKLOG);
            listener = fresh;
            acceptor = Connection.inBackground(() -> acceptConnections(fresh));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void stopListening() {
        try {
            listener.close();
            // The port is free only when the thread has left the call that waits for connections.
            acceptor.join();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void acceptConnections(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                Socket client = from.accept();
                Connection connection = new Connection(this, client);
                connections.add(connection);
                var unused = Connection.inBackground(connection::serve);
            } catch (IOException closed) {
                // The listener is closed, or the client is gone already.
            }
        }
    }

    synchronized boolean cutsUnread() {
        return unreadToCut > 0 && unreadToCut-- > 0;
    }

    synchronized Exchange receive(ReceivedRequest request, Connection connection) {
        records.receive(request);
        undecided++;
        notifyAll();
        return new Exchange(this, records, connection, request, released);
    }

    void react(Exchange exchange) {
        ReceivedRequest request = exchange.request();
        exchange.run(() -> decisionFor(request.room()).apply(request).to(exchange));
        record(() -> undecided--);
    }

    private synchronized Function<ReceivedRequest, Reaction> decisionFor(String room) {
        Deque<Reaction> roomInTurn = roomsInTurn.getOrDefault(room, new ArrayDeque<>());
        if (!roomInTurn.isEmpty()) {
            Reaction next = roomInTurn.remove();
            return request -> next;
        }
        if (rooms.containsKey(room)) {
            Reaction always = rooms.get(room);
            return request -> always;
        }
        if (!inTurn.isEmpty()) {
            Reaction next = inTurn.remove();
            return request -> next;
        }
        return decision;
    }

    synchronized void record(Runnable change) {
        change.run();
        notifyAll();
    }

    synchronized void changed() {
        notifyAll();
    }

    synchronized void unexpected(Throwable failure) {
        unexpected.add(failure);
        notifyAll();
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

    /** What happened since the last reset; the lock of HipChat guards it. */
    static final class Records {
        private final boolean keepsAll;
        private final List<ReceivedRequest> requests = new ArrayList<>();
        private final List<Acceptance> accepted = new ArrayList<>();
        private final List<ReceivedRequest> givenUp = new ArrayList<>();
        private final List<ReceivedRequest> perhapsUnread = new ArrayList<>();
        private long requestCount;
        private long acceptedCount;

        Records(boolean keepsAll) {
            this.keepsAll = keepsAll;
        }

        void receive(ReceivedRequest request) {
            requestCount++;
            keep(requests, request);
        }

        void accept(ReceivedRequest request) {
            acceptedCount++;
            keep(accepted, new Acceptance(request, Instant.now()));
        }

        void giveUp(ReceivedRequest request) {
            keep(givenUp, request);
        }

        void perhapsUnread(ReceivedRequest request) {
            keep(perhapsUnread, request);
        }

        private <T> void keep(List<T> all, T one) {
            if (keepsAll) {
                all.add(one);
            }
        }
    }
}
