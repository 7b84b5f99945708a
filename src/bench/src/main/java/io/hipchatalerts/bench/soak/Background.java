package io.hipchatalerts.bench.soak;

/** Work on other threads. A failure ends the soak with 1: such a thread would keep it to itself. */
final class Background {

    private static final System.Logger LOG = System.getLogger(Background.class.getName());

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
            LOG.log(System.Logger.Level.ERROR, "The soak failed because of a bug", failure);
            System.exit(1);
        }
    }
}
