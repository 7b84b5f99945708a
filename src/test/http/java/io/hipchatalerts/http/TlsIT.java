package io.hipchatalerts.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hipchatalerts.Program;
import io.hipchatalerts.fake.FakeHipChat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program and a HipChat server with a certificate of a private CA. */
class TlsIT {

    private static final String PASSWORD = "changeit";
    private static final int MOST_TRIES = 10;
    private static final Pattern TOO_SLOW = Pattern.compile("timed out|TimeoutException");

    @TempDir
    private static Path folder;

    private static FakeHipChat hipChat;

    @BeforeAll
    static void startHipChatForTheNameLocalhost() throws Exception {
        authority("ca");
        authority("other-ca");
        keytool(
                "-genkeypair",
                "-alias",
                "server",
                "-dname",
                "CN=localhost",
                "-keyalg",
                "EC",
                "-keystore",
                "server.p12");
        keytool("-certreq", "-alias", "server", "-keystore", "server.p12", "-file", "server.csr");
        keytool(
                "-gencert",
                "-alias",
                "ca",
                "-keystore",
                "ca.p12",
                "-ext",
                "san=dns:localhost",
                "-rfc",
                "-infile",
                "server.csr",
                "-outfile",
                "server.pem");
        keytool("-importcert", "-noprompt", "-alias", "ca", "-keystore", "server.p12", "-file", "ca.pem");
        keytool("-importcert", "-alias", "server", "-keystore", "server.p12", "-file", "server.pem");
        hipChat = FakeHipChat.start(tls(folder.resolve("server.p12")));
    }

    private static SSLContext tls(Path keyStore) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(keyStore.toFile(), PASSWORD.toCharArray()), PASSWORD.toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        return tls;
    }

    @AfterAll
    static void stopHipChat() {
        hipChat.close();
    }

    @Test
    void aPrivateCaIsTrustedOnceItIsNamed() throws Exception {
        assertThat(checked("localhost", trusting("ca")))
                .contains("ok     configuration, room \"alerts\"")
                .doesNotContain("pose as the server");
    }

    @Test
    void aPrivateCaIsNotTrustedByDefault() throws Exception {
        assertThat(checked("localhost", List.of()))
                .contains("WRONG  configuration, room \"alerts\"", "certification path");
    }

    @Test
    void anotherCaIsNotTrusted() throws Exception {
        assertThat(checked("localhost", trusting("other-ca")))
                .contains("WRONG  configuration, room \"alerts\"", "certification path");
    }

    @Test
    void aCertificateForAnotherNameIsNotTrusted() throws Exception {
        assertThat(checked("127.0.0.1", trusting("ca"))).contains("WRONG  configuration, room \"alerts\"", "127.0.0.1");
    }

    @Test
    void trustAllIsPossibleAndLogsAWarning() throws Exception {
        assertThat(checked(
                        "localhost",
                        List.of(
                                "quarkus.rest-client.hipchat.tls-configuration-name=hipchat",
                                "quarkus.tls.hipchat.trust-all=true")))
                .contains("ok     configuration, room \"alerts\"", "With quarkus.tls.hipchat.trust-all, anyone");
    }

    /** As in src/docs/configuration.md. */
    private static List<String> trusting(String authority) {
        return List.of(
                "quarkus.rest-client.hipchat.tls-configuration-name=hipchat",
                "quarkus.tls.hipchat.trust-store.pem.certs=" + folder.resolve(authority + ".pem"));
    }

    /**
     * Returns the program's output when it checks the room. A handshake has 2 s, in which a cold process on a busy machine
     * may not be ready; then another one tries it.
     */
    private static String checked(String host, List<String> settings) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(settings);
        all.addAll(List.of(
                "hipchat.enabled=true",
                "hipchat.url=https://" + host + ":" + hipChat.port() + "/v2/room",
                "hipchat.room=alerts",
                "hipchat.token=s3cret"));
        Path home = Files.createTempDirectory(folder, "home");
        Files.write(Files.createDirectory(home.resolve("config")).resolve("application.properties"), all);
        String output = run(home, Program.command("check"));
        for (int tries = 1; tries < MOST_TRIES && TOO_SLOW.matcher(output).find(); tries++) {
            output = run(home, Program.command("check"));
        }
        return output;
    }

    private static void authority(String name) throws IOException, InterruptedException {
        String store = name + ".p12";
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-ext",
                "bc:c",
                "-keyalg",
                "EC",
                "-keystore",
                store);
        keytool("-exportcert", "-alias", name, "-rfc", "-keystore", store, "-file", name + ".pem");
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
        run(folder, command);
    }

    private static String run(Path home, List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
