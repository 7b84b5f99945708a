package io.hipchatalerts.alert;

/** What can be the name or number of a HipChat room. */
public final class Room {

    private Room() {}

    /**
     * Whether {@code room} can be one segment of an address. A dot segment would climb out of its place there, encoded
     * or not, and HipChat has no room with control characters in its name.
     */
    public static boolean isNameable(String room) {
        return !room.equals(".")
                && !room.equals("..")
                && room.chars().noneMatch(Character::isISOControl)
                && Unicode.isWhole(room);
    }
}
