package io.hipchatalerts.http.dev;

import io.quarkus.arc.profile.IfBuildProfile;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The stand-in's rooms and their latest messages. The first message creates a room. */
@Singleton
@IfBuildProfile(anyOf = {"dev", "test"})
class Rooms {

    static final int MOST_ROOMS = 100;
    static final int MOST_MESSAGES = 200;

    private final InstantSource clock;
    private final RandomGenerator random;

    /** The rooms in the order of their last messages. */
    private final Map<String, RoomState> rooms = new LinkedHashMap<>();

    private final Set<Consumer<RoomMessage>> listeners = new LinkedHashSet<>();

    @Inject
    Rooms() {
        this(InstantSource.system(), RandomGenerator.getDefault());
    }

    Rooms(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    synchronized FloodControl floodControl(String name) {
        Instant now = clock.instant();
        RoomState room = rooms.get(name);
        return room == null ? FloodControl.fresh(now) : room.floodControl.at(now);
    }

    /**
     * Puts a message into a room and passes it to the listeners.
     *
     * @throws RefusedException if the room accepts no more messages in this minute
     */
    synchronized void post(String name, PostedNotification notification) {
        FloodControl floodControl = floodControl(name);
        if (floodControl.isOver()) {
            throw RefusedException.tooManyMessages();
        }
        RoomMessage message = new RoomMessage(
                UUID.randomUUID().toString(), name, clock.instant(), colorOf(notification), notification);
        keep(message, floodControl.afterOneMore());
        listeners.forEach(listener -> listener.accept(message));
    }

    /** Returns the kept messages and adds a listener, which gets every later message. */
    synchronized List<RoomMessage> listen(Consumer<RoomMessage> listener) {
        listeners.add(listener);
        List<RoomMessage> kept = new ArrayList<>();
        rooms.values().forEach(room -> kept.addAll(room.messages));
        return kept;
    }

    synchronized void leave(Consumer<RoomMessage> listener) {
        listeners.remove(listener);
    }

    private String colorOf(PostedNotification notification) {
        if (!notification.color().equals(PostedNotification.RANDOM)) {
            return notification.color();
        }
        return PostedNotification.PLAIN_COLORS.get(random.nextInt(PostedNotification.PLAIN_COLORS.size()));
    }

    private void keep(RoomMessage message, FloodControl floodControl) {
        // Removing and adding keeps the map in the order of the last messages.
        RoomState room = rooms.remove(message.room());
        if (room == null) {
            room = new RoomState();
        }
        rooms.put(message.room(), room);
        room.floodControl = floodControl;
        room.messages.addLast(message);
        if (room.messages.size() > MOST_MESSAGES) {
            room.messages.removeFirst();
        }
        if (rooms.size() > MOST_ROOMS) {
            rooms.remove(rooms.keySet().iterator().next());
        }
    }

    private static final class RoomState {
        private final Deque<RoomMessage> messages = new ArrayDeque<>();
        private FloodControl floodControl;
    }
}
