package io.hipchatalerts.http;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.config.ConfigValidationException;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/**
 * Starts the program. Quarkus would do it without us, but tells a bad setting in several lines and with class names;
 * here it is one line each.
 */
@QuarkusMain
public final class Main {

    private static final Logger LOG = Logger.getLogger(Main.class);

    private Main() {}

    /** The program's entry point; arguments are not used. */
    public static void main(String... arguments) {
        if (LaunchMode.current() == LaunchMode.NORMAL) {
            Quarkus.run(null, Main::ended, arguments);
        } else {
            // Dev mode restarts what failed, and has its own ways to show why.
            Quarkus.run(arguments);
        }
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
