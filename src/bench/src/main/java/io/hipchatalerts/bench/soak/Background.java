package io.hipchatalerts.bench.soak;

/** Work on other threads. A failure ends the soak with 1: such a thread would keep it to itself. */
final class Background {

    private Background() {}

    interface Work {
        void run() throws Exception;
    }

    static Thread start(String name, Work work) {
        Thread thread = new Thread(() -> run(work), name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    static void run(Work work) {
        try {
            work.run();
        } catch (Throwable failure) {
            failure.printStackTrace();
            System.exit(1);
        }
    }
}
