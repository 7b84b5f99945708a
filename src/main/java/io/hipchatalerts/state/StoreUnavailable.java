package io.hipchatalerts.state;

/** The state store gave no answer that can be used. */
public final class StoreUnavailable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Why the store could not be asked.
     *
     * @param cause its message goes into the log; holds no secret
     */
    public StoreUnavailable(Throwable cause) {
        super(cause);
    }
}
