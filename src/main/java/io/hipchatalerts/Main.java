package io.hipchatalerts;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.List;
import org.jboss.logging.Logger;

/** Starts the program. Quarkus would do it without us, but not tell a bad setting in one line. */
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
     * @param arguments none to serve; {@code check} to try the rooms and tokens on HipChat, tell what came of it and
     *     end, with exit code 1 if one is wrong
     */
    public static void main(String... arguments) {
        if (LaunchMode.current() != LaunchMode.NORMAL) {
            // Dev mode restarts what failed, and has its own ways to show why.
            Quarkus.run(arguments);
            return;
        }
        if (arguments.length > 0) {
            if (!List.of(arguments).equals(List.of(CHECK))) {
                System.err.println("There is no argument but " + CHECK + "; settings are system properties, environment"
                        + " variables or application.properties");
                System.exit(2);
            }
            // Nobody is served meanwhile, and another process may have the port.
            System.setProperty("quarkus.http.host-enabled", "false");
            System.setProperty("quarkus.log.category.\"io.quarkus\".level", "WARN");
        }
        Quarkus.run(Main.class, Main::ended, arguments);
    }

    @Override
    public int run(String... arguments) {
        if (arguments.length == 0) {
            Quarkus.waitForExit();
            return 0;
        }
        List<WiringCheck.Finding> findings = wiring.run();
        findings.forEach(System.out::println);
        return findings.stream().allMatch(WiringCheck.Finding::right) ? 0 : 1;
    }

    private static void ended(int exitCode, Throwable failure) {
        if (failure != null) {
            tell(StartFailure.of(failure));
        }
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    private static void tell(RuntimeException failure) {
        if (failure instanceof StartFailure setting) {
            System.err.println(setting.getMessage());
        } else {
            LOG.error(failure.getMessage(), failure.getCause());
        }
    }
}
