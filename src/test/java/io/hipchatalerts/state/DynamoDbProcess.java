package io.hipchatalerts.state;

import static io.hipchatalerts.state.store.DynamoDbStore.ALERT;
import static io.hipchatalerts.state.store.DynamoDbStore.DUE;
import static io.hipchatalerts.state.store.DynamoDbStore.PENDING;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import io.hipchatalerts.fake.FreePort;
import io.quarkus.bootstrap.resolver.maven.BootstrapMavenException;
import io.quarkus.bootstrap.resolver.maven.MavenArtifactResolver;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.resolution.DependencyResolutionException;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndexUpdate;
import software.amazon.awssdk.services.dynamodb.model.IndexStatus;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/**
 * DynamoDB Local in a JVM of its own, with its own libraries: among ours, they would conflict. Quarkus' own resolver finds
 * them, as Maven would, with the settings and options of the Maven that runs the tests.
 */
public final class DynamoDbProcess {

    private static final List<String> LIBRARIES = List.of(
            "com.amazonaws:DynamoDBLocal:2.6.1",
            // Newer than those that it names, which cannot be resolved everywhere.
            "software.amazon.awssdk:cognitoidentity:2.40.0",
            "software.amazon.awssdk:cognitoidentityprovider:2.40.0",
            "software.amazon.awssdk:dynamodb-enhanced:2.40.0",
            "software.amazon.awssdk:pinpoint:2.40.0");

    private static final long LONGEST_START = Duration.ofMinutes(3).toNanos();

    private static DynamoDbProcess shared;

    private final int port = FreePort.any();
    private final Process process;

    private DynamoDbProcess() {
        List<File> libraries = libraries();
        try {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:TieredStopAtLevel=1",
                            // Some are native.
                            "-Djava.library.path=" + path(libraries.stream().map(File::getParent)),
                            "-cp",
                            path(libraries.stream().map(File::getPath)),
                            "com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
                            "-inMemory",
                            "-disableTelemetry",
                            "-port",
                            Integer.toString(port))
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    /** One for all tests of this JVM; it is up. */
    public static synchronized DynamoDbProcess shared() {
        if (shared == null) {
            shared = new DynamoDbProcess();
            shared.awaitStart();
        }
        return shared;
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + port);
    }

    public DynamoDbClient client() {
        return client(address());
    }

    /** A client that does what Quarkus' does: on the JDK's own HTTP client. */
    public static DynamoDbClient client(URI address) {
        return client(address, UrlConnectionHttpClient.builder());
    }

    /** The same with settings of its HTTP client. */
    public static DynamoDbClient client(URI address, UrlConnectionHttpClient.Builder http) {
        return DynamoDbClient.builder()
                .endpointOverride(address)
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))
                .httpClientBuilder(http)
                .build();
    }

    /** The name of a table that was made for it, as {@code deploy/lambda/template.yaml} makes one. */
    public String newTable(DynamoDbClient client) {
        String table = "table-" + UUID.randomUUID();
        client.createTable(create -> create.tableName(table)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .keySchema(key(ALERT, KeyType.HASH))
                .attributeDefinitions(
                        attribute(ALERT, ScalarAttributeType.S),
                        attribute(PENDING, ScalarAttributeType.S),
                        attribute(DUE, ScalarAttributeType.N))
                .globalSecondaryIndexes(GlobalSecondaryIndex.builder()
                        .indexName(PENDING)
                        .keySchema(key(PENDING, KeyType.HASH), key(DUE, KeyType.RANGE))
                        .projection(projection -> projection.projectionType(ProjectionType.KEYS_ONLY))
                        .build()));
        return table;
    }

    /** The name of a table of an older release, which has no index of pending changes. */
    public String newTableWithoutIndex(DynamoDbClient client) {
        String table = "table-" + UUID.randomUUID();
        client.createTable(create -> create.tableName(table)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .keySchema(key(ALERT, KeyType.HASH))
                .attributeDefinitions(attribute(ALERT, ScalarAttributeType.S)));
        return table;
    }

    /** Adds the index of pending changes to a table, and waits until it can be used. */
    public void addIndex(DynamoDbClient client, String table) {
        client.updateTable(update -> update.tableName(table)
                .attributeDefinitions(
                        attribute(ALERT, ScalarAttributeType.S),
                        attribute(PENDING, ScalarAttributeType.S),
                        attribute(DUE, ScalarAttributeType.N))
                .globalSecondaryIndexUpdates(GlobalSecondaryIndexUpdate.builder()
                        .create(index -> index.indexName(PENDING)
                                .keySchema(key(PENDING, KeyType.HASH), key(DUE, KeyType.RANGE))
                                .projection(projection -> projection.projectionType(ProjectionType.KEYS_ONLY)))
                        .build()));
        await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> client.describeTable(about -> about.tableName(table))
                                .table()
                                .globalSecondaryIndexes()
                                .get(0)
                                .indexStatus(),
                        is(IndexStatus.ACTIVE));
    }

    private static List<File> libraries() {
        try {
            MavenArtifactResolver maven =
                    MavenArtifactResolver.builder().setWorkspaceDiscovery(false).build();
            List<Dependency> libraries = LIBRARIES.stream()
                    .map(library -> new Dependency(new DefaultArtifact(library), "runtime"))
                    .toList();
            return maven
                    .getSystem()
                    .resolveDependencies(
                            maven.getSession(),
                            new DependencyRequest(
                                    new CollectRequest(libraries, List.of(), maven.getRepositories()), null))
                    .getArtifactResults()
                    .stream()
                    .map(result -> result.getArtifact().getFile())
                    .toList();
        } catch (BootstrapMavenException | DependencyResolutionException failure) {
            throw new IllegalStateException("DynamoDB Local cannot be resolved", failure);
        }
    }

    private static String path(Stream<String> entries) {
        return entries.collect(Collectors.joining(File.pathSeparator));
    }

    private static KeySchemaElement key(String attribute, KeyType type) {
        return KeySchemaElement.builder().attributeName(attribute).keyType(type).build();
    }

    private static AttributeDefinition attribute(String name, ScalarAttributeType type) {
        return AttributeDefinition.builder()
                .attributeName(name)
                .attributeType(type)
                .build();
    }

    private void awaitStart() {
        long end = System.nanoTime() + LONGEST_START;
        try (DynamoDbClient client = client()) {
            while (true) {
                try {
                    client.listTables();
                    return;
                } catch (SdkException notYet) {
                    if (System.nanoTime() > end || !process.isAlive()) {
                        throw new IllegalStateException("DynamoDB Local does not start", notYet);
                    }
                }
            }
        }
    }
}
