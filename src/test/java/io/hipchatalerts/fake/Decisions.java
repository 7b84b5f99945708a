package io.hipchatalerts.fake;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The reactions to the requests that are still to come. */
final class Decisions {

    private final Map<String, Deque<Reaction>> nextOfRooms = new HashMap<>();
    private final Map<String, Reaction> rooms = new HashMap<>();
    private final Deque<Reaction> next = new ArrayDeque<>();
    private Function<ReceivedRequest, Reaction> others = request -> Reaction.accepts();

    synchronized void toEach(Function<ReceivedRequest, Reaction> decision) {
        others = decision;
    }

    synchronized void toNext(Reaction... reactions) {
        next.addAll(List.of(reactions));
    }

    synchronized void toEachOf(String room, Reaction reaction) {
        rooms.put(room, reaction);
    }

    synchronized void toNextOf(String room, Reaction... reactions) {
        nextOfRooms.computeIfAbsent(room, first -> new ArrayDeque<>()).addAll(List.of(reactions));
    }

    /** Decides how to treat a request. The test's own function runs without the lock. */
    Reaction decide(ReceivedRequest request) {
        return decisionFor(request.room()).apply(request);
    }

    private synchronized Function<ReceivedRequest, Reaction> decisionFor(String room) {
        Deque<Reaction> nextOfRoom = nextOfRooms.getOrDefault(room, new ArrayDeque<>());
        if (!nextOfRoom.isEmpty()) {
            return always(nextOfRoom.remove());
        }
        if (rooms.containsKey(room)) {
            return always(rooms.get(room));
        }
        return next.isEmpty() ? others : always(next.remove());
    }

    private static Function<ReceivedRequest, Reaction> always(Reaction reaction) {
        return request -> reaction;
    }
}
