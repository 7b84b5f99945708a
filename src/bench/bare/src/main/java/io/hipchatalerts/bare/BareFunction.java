package io.hipchatalerts.bare;

import io.quarkus.funqy.Funq;

/** Takes an alert and answers, and does nothing in between: what Funqy costs by itself. */
public class BareFunction {

    /** What it reads of an alert. */
    public record Alert(String id, String message, String level) {}

    /** What it answers. */
    public record Answer(String id, String status) {}

    /** Named as the program's function is, so that both are posted to alike. */
    @Funq
    public Answer hipchat(Alert alert) {
        return new Answer(alert.id(), "answered");
    }
}
