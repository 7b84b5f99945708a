package io.hipchatalerts;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.annotations.CommandLineArguments;
import io.quarkus.runtime.annotations.QuarkusMain;
import jakarta.enterprise.event.Observes;
import java.util.List;
import org.jboss.logging.Logger;
import org.jboss.logmanager.Level;

/** Starts the program. Quarkus alone would not report a bad setting in one line. */
@QuarkusMain
public class Main implements QuarkusApplication {

    private static final Logger LOG = Logger.getLogger(Main.class);
    private static final String CHECK = "check";

    private final WiringCheck wiring;

    Main(WiringCheck wiring) {
        this.wiring = wiring;
    }

    /**
     * The program's entry point.
     *
     * @param arguments none to serve; {@code check} to try the rooms and tokens on HipChat, print the results and exit,
     *     with code 1 if one is wrong
     */
    public static void main(String... arguments) {
        // Quarkus answers a malformed address with a bare 400 and no log line. The request filter checks it instead.
        System.setProperty("vertx.disableURIValidation", "true");
        if (LaunchMode.current() != LaunchMode.NORMAL) {
            // Dev mode restarts after a failure, and has its own way to show it.
            Quarkus.run(arguments);
            return;
        }
        if (arguments.length > 0) {
            if (!List.of(arguments).equals(List.of(CHECK))) {
                System.err.println("The only argument is " + CHECK + "; settings are system properties, environment"
                        + " variables or application.properties");
                System.exit(2);
            }
            // The check serves nobody, and another process may use the port.
            System.setProperty("quarkus.http.host-enabled", "false");
        }
        Quarkus.run(Main.class, Main::ended, arguments);
    }

    /** Leaves Quarkus' lines about start and end out of the check's output. As a setting, this would replace a bad value. */
    static void atStart(@Observes StartupEvent start, @CommandLineArguments String[] arguments) {
        if (arguments.length > 0) {
            org.jboss.logmanager.Logger.getLogger("io.quarkus").setLevel(Level.WARN);
        }
    }

    @Override
    public int run(String... arguments) {
        if (arguments.length == 0) {
            Quarkus.waitForExit();
            return 0;
        }
        List<WiringCheck.CheckResult> results = wiring.run();
        results.forEach(System.out::println);
        return results.stream().allMatch(WiringCheck.CheckResult::right) ? 0 : 1;
    }

    private static void ended(int exitCode, Throwable failure) {
        if (failure != null) {
            report(StartFailure.of(failure));
        }
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    private static void report(RuntimeException failure) {
        if (failure instanceof StartFailure setting) {
            System.err.println(setting.getMessage());
        } else {
            LOG.error(failure.getMessage(), failure.getCause());
        }
    }
}
