package io.hipchatalerts.state;

/** The state store gave no answer that can be used. */
public final class StoreUnavailable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Why the store could not be asked. */
    public StoreUnavailable(Throwable cause) {
        super(cause);
    }
}
