package io.hipchatalerts;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Makes calls on threads of their own. The threads of the common pool keep the class loader of the test that created them,
 * with which another test cannot call its program.
 */
public final class OwnThread {

    private OwnThread() {}

    /** Begins {@code call} and returns its result. */
    public static <T> CompletableFuture<T> supply(Supplier<T> call) {
        return CompletableFuture.supplyAsync(call, task -> new Thread(task, "a call of the test").start());
    }
}
