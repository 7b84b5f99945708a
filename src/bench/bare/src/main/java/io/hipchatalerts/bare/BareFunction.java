package io.hipchatalerts.bare;

import io.quarkus.funqy.Funq;

/** Reads an alert and answers it, and does nothing else: the cost of Funqy itself. */
public class BareFunction {

    /** The fields of an alert that it reads. */
    public record Alert(String id, String message, String level) {}

    /** Its answer. */
    public record Answer(String id, String status) {}

    /** Named as the program's function is, so that both are posted to alike. */
    @Funq
    public Answer hipchat(Alert alert) {
        return new Answer(alert.id(), "answered");
    }
}
