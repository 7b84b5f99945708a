package io.hipchatalerts.alert;

import java.util.Optional;

/** Checks names and numbers of HipChat rooms. */
public final class Room {

    private Room() {}

    /**
     * Returns an error text if {@code room} cannot be one segment of an address. A dot segment would change the path,
     * encoded or not, and no HipChat room has control characters in its name.
     *
     * @param key where the room is set
     */
    public static Optional<String> problem(String key, String room) {
        return room.equals(".")
                        || room.equals("..")
                        || room.chars().anyMatch(Character::isISOControl)
                        || !Unicode.isWhole(room)
                ? Optional.of(
                        key + " is " + BadAlert.quote(room) + "; it cannot be the name or number of a HipChat room")
                : Optional.empty();
    }
}
