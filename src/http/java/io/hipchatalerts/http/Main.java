package io.hipchatalerts.http;

import io.hipchatalerts.WiringCheck;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.config.ConfigValidationException;
import java.util.List;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/**
 * Starts the program. Quarkus would do it without us, but tells a bad setting in several lines and with class names;
 * here it is one line each.
 */
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
        if (arguments.length > 0 && LaunchMode.current() == LaunchMode.NORMAL) {
            if (!List.of(arguments).equals(List.of(CHECK))) {
                System.err.println("There is no argument but " + CHECK + "; settings are system properties, environment"
                        + " variables or application.properties");
                System.exit(2);
            }
            // Nobody is served meanwhile, and another process may have the port.
            System.setProperty("quarkus.http.host-enabled", "false");
        }
        if (LaunchMode.current() == LaunchMode.NORMAL) {
            Quarkus.run(Main.class, Main::ended, arguments);
        } else {
            // Dev mode restarts what failed, and has its own ways to show why.
            Quarkus.run(arguments);
        }
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
            tell(failure);
        }
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    private static void tell(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof ConfigValidationException bad) {
            IntStream.range(0, bad.getProblemCount())
                    .mapToObj(problem -> bad.getProblem(problem).getMessage())
                    .forEach(Main::line);
        } else if (root.getClass().getName().startsWith("io.quarkus.runtime")) {
            // A setting that was looked at as a whole, or a port that is taken.
            line(root.getMessage());
        } else {
            LOG.error("The start failed", failure);
        }
    }

    /** In the words of the other checks, without the numbers and class names that help nobody to mend a setting. */
    private static void line(String message) {
        System.err.println(message.replaceFirst("^[\\w.]+Exception: ", "")
                .replaceAll("SRCFG\\d+: ", "")
                .replaceFirst(
                        "^The config property (\\S+) with the config value (\".*\") threw an Exception whilst being"
                                + " converted ",
                        "$1 is $2: "));
    }
}
