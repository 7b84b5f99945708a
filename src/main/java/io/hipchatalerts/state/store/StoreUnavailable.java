package io.hipchatalerts.state.store;

/** The state store gave no usable answer. */
public final class StoreUnavailable extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean ofOneAlert;

    private StoreUnavailable(Throwable cause, boolean ofOneAlert) {
        super(cause);
        this.ofOneAlert = ofOneAlert;
    }

    /**
     * Makes the exception for an outage.
     *
     * @param cause the reason; its message goes into the log and contains no secret
     */
    public StoreUnavailable(Throwable cause) {
        this(cause, false);
    }

    /** Returns the exception for one alert whose record is unusable. The store and all other alerts still work. */
    static StoreUnavailable forOneAlert(Throwable cause) {
        return new StoreUnavailable(cause, true);
    }

    /** Returns whether only one alert is affected. */
    public boolean isOfOneAlert() {
        return ofOneAlert;
    }
}
