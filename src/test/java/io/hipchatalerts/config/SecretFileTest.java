package io.hipchatalerts.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hipchatalerts.alert.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFileTest {

    private static final String ALLOWED = "allowed is a readable file of at most 8192 bytes that contains the token";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"s3c$r${e}t\\", "s3c$r${e}t\\\n", " \t s3c$r${e}t\\ \r\n\r\n"})
    void aFileContainsTheTokenAndPerhapsWhiteSpace(String content) throws IOException {
        Path file = file(content);
        HipChatConfig config = TestConfig.with("token-file", file.toString(), "inbound-token-file", file.toString());

        assertThat(config.token()).contains(new Token("s3c$r${e}t\\"));
        assertThat(config.inboundToken()).contains(new Token("s3c$r${e}t\\"));
        assertThat(config.toString()).doesNotContain("s3c");
    }

    @Test
    void theFileIsReadOnce() throws IOException {
        Path file = file("s3cret");
        HipChatConfig config = TestConfig.with("token-file", file.toString());

        Files.delete(file);

        assertThat(config.token()).contains(new Token("s3cret"));
    }

    @Test
    void aLinkLeadsToTheFile() throws IOException {
        Path file = Files.writeString(folder.resolve("..data"), "s3cret");
        Path link = Files.createSymbolicLink(folder.resolve("token"), file);

        assertThat(TestConfig.with("token-file", link.toString()).token()).contains(new Token("s3cret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"token-file", "inbound-token-file"})
    void aMissingFileStopsTheStart(String key) {
        assertRefused(key, folder.resolve("none"), "; there is none of this name");
    }

    @Test
    void aFolderAnEmptyFileAndAnOverlongFileStopTheStart() throws IOException {
        assertRefused("token-file", folder, "; this is no file");
        assertRefused("token-file", file(" \n"), "; this one is empty");
        assertRefused("token-file", file("s3cret".repeat(2_000)), "; this one is longer");
    }

    @Test
    void aLongFileIsAccepted() throws IOException {
        Path file = file("x".repeat(8192));

        assertThat(TestConfig.with("token-file", file.toString()).token()).contains(new Token("x".repeat(8192)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cret\nsecond", "s3cret\u0000", "s3crét"})
    void aTokenThatNoHeaderCanCarryStopsTheStart(String content) throws IOException {
        assertRefused("token-file", file(content), ", in printable ASCII characters");
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("token"), content);
    }

    private static void assertRefused(String key, Path file, String reason) {
        assertThatThrownBy(() -> TestConfig.with(key, file.toString()))
                .message()
                .contains("hipchat." + key, file.toString(), ALLOWED + reason)
                .doesNotContain("s3c");
    }
}
