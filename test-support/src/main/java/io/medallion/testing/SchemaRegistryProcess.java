package io.medallion.testing;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.avro.Schema;

/**
 * Apicurio Registry as a process of its own, in memory, on a free port of the loopback interface.
 * It counts its ids up: a schema that it does not have gets the one after the last.
 */
public final class SchemaRegistryProcess implements AutoCloseable {
  private static final Path UNPACKED = Path.of("../test-support/target/schema-registry");
  private static final Duration START = Duration.ofMinutes(2);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final Process process;
  private final String url;

  /**
   * Starts a registry and waits until it answers.
   *
   * @param folder where its log and its temporary files go
   */
  public SchemaRegistryProcess(Path folder) throws IOException {
    int port = freePort();
    url = "http://127.0.0.1:" + port + "/apis/ccompat/v7";
    Path log = folder.resolve("registry.log");
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + folder,
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-jar",
                runner().toAbsolutePath().toString())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      await()
          .atMost(START)
          .failFast("The registry ended: see " + log, () -> !process.isAlive())
          .ignoreExceptionsInstanceOf(UncheckedIOException.class)
          .until(() -> send(request("/subjects").GET()).statusCode() == 200);
    } catch (RuntimeException failure) {
      close();
      throw failure;
    }
  }

  /** The address for {@code source.registry.url}. */
  public String url() {
    return url;
  }

  /**
   * Registers a schema as the newest version of a subject.
   *
   * @return its id
   */
  public int register(String subject, Schema schema) throws IOException {
    return register(subject, Map.of("schema", schema.toString()));
  }

  /**
   * Registers what the interface takes, with type and references.
   *
   * @return its id
   */
  public int register(String subject, Map<String, Object> schema) throws IOException {
    HttpResponse<String> response =
        send(
            request("/subjects/" + subject + "/versions")
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(schema))));
    JsonNode id = JSON.readTree(response.body()).path("id");
    if (response.statusCode() != 200 || !id.isInt()) {
      throw new IllegalStateException(
          "The registry does not take the schema: " + response.statusCode() + response.body());
    }
    return id.intValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("The registry's process does not end: " + process.pid());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while the registry stopped", interrupted);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(30));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while asking the registry", interrupted);
    }
  }

  private static Path runner() throws IOException {
    if (Files.isDirectory(UNPACKED)) {
      try (Stream<Path> files = Files.list(UNPACKED)) {
        Optional<Path> runner =
            files.filter(file -> file.toString().endsWith("-runner.jar")).findFirst();
        if (runner.isPresent()) {
          return runner.get();
        }
      }
    }
    throw new IllegalStateException(
        "No registry in %s. Build the module test-support up to the phase pre-integration-test."
            .formatted(UNPACKED.toAbsolutePath().normalize()));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
