package io.hipchatalerts.kapacitor;

import io.hipchatalerts.alert.KebabCase;

/** The keys of Kapacitor's {@code [hipchat]} section and of its {@code KAPACITOR_HIPCHAT_*} (K §1.1, §4.2). */
enum HipChatKey {
    ENABLED(Type.BOOLEAN),
    URL(Type.TEXT),
    ROOM(Type.TEXT),
    TOKEN(Type.TEXT),
    GLOBAL(Type.BOOLEAN),
    STATE_CHANGES_ONLY(Type.BOOLEAN);

    enum Type {
        TEXT,
        BOOLEAN
    }

    private final Type type;

    HipChatKey(Type type) {
        this.type = type;
    }

    Type type() {
        return type;
    }

    /** Returns the key's name in {@code kapacitor.conf}. */
    String inFile() {
        return KebabCase.of(this);
    }

    /** Returns the key's name in the environment. */
    String inEnvironment() {
        return "KAPACITOR_HIPCHAT_" + name();
    }

    /** Returns the key's name in this program's settings. */
    String inSettings() {
        return "hipchat." + inFile();
    }
}
