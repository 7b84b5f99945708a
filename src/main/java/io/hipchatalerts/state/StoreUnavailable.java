package io.hipchatalerts.state;

/** The state store gave no answer that can be used. */
public final class StoreUnavailable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean ofOneAlert;

    private StoreUnavailable(Throwable cause, boolean ofOneAlert) {
        super(cause);
        this.ofOneAlert = ofOneAlert;
    }

    /**
     * Why the store could not be asked.
     *
     * @param cause its message goes into the log; holds no secret
     */
    public StoreUnavailable(Throwable cause) {
        this(cause, false);
    }

    /** What the store has of one alert is of no use, which says nothing about the store and the others. */
    static StoreUnavailable forOneAlert(Throwable cause) {
        return new StoreUnavailable(cause, true);
    }

    boolean isOfOneAlert() {
        return ofOneAlert;
    }
}
