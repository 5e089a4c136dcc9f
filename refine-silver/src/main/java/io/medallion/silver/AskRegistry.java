package io.medallion.silver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.schemas.SchemaRegistry;
import java.io.Serializable;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.annotation.Nullable;

/**
 * Asks a schema registry with Confluent's REST interface for schemas: {@code GET /schemas/ids/ID}.
 * Whatever is no answer about the id is an exception: the job starts again and asks again, and no
 * event goes to quarantine for what it did not do.
 */
final class AskRegistry implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** Well below the time that a checkpoint may take, for which the subtask is busy meanwhile. */
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;

  /** Confluent's code for an id that is not there; another 404 comes from another address. */
  private static final int NO_SUCH_SCHEMA = 40403;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final SchemaRegistry registry;

  @Nullable private transient HttpClient client;

  AskRegistry(SchemaRegistry registry) {
    this.registry = registry;
  }

  /**
   * Asks for the schema of an id.
   *
   * @throws IllegalStateException if the registry gives no answer about the id
   */
  RegistryAnswer schema(int id) {
    if (client == null) {
      client = HttpClient.newBuilder().connectTimeout(CONNECT).build();
    }
    HttpResponse<String> response = send(id, client);
    return switch (response.statusCode()) {
      case OK -> found(id, response.body());
      case NOT_FOUND -> unknown(id, response.body());
      case UNAUTHORIZED, FORBIDDEN ->
          throw noAnswer(
              id,
              "refuses with status " + response.statusCode(),
              "Set source.registry.user and source.registry.password to a user that may read schemas.",
              null);
      default ->
          throw noAnswer(
              id,
              "answers with status " + response.statusCode(),
              "See its log, or correct source.registry.url.",
              null);
    };
  }

  /** The whole answer within the time, not only its head as by a request's own timeout. */
  private HttpResponse<String> send(int id, HttpClient client) {
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(request(id), HttpResponse.BodyHandlers.ofString());
    try {
      return answer.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failure) {
      throw noAnswer(
          id,
          "cannot be asked (" + failure.getCause() + ")",
          "Start it, or correct source.registry.url.",
          failure.getCause());
    } catch (TimeoutException failure) {
      answer.cancel(true);
      throw noAnswer(
          id,
          "does not answer within " + ANSWER.toSeconds() + " s",
          "See its log, or correct source.registry.url.",
          failure);
    } catch (InterruptedException interrupted) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw noAnswer(id, "was not waited for", "The job is stopping.", interrupted);
    }
  }

  private HttpRequest request(int id) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(registry.url() + "/schemas/ids/" + id))
            .header("Accept", "application/vnd.schemaregistry.v1+json, application/json");
    if (!registry.user().isEmpty()) {
      byte[] login = (registry.user() + ":" + registry.password()).getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login));
    }
    return request.build();
  }

  private RegistryAnswer found(int id, String body) {
    JsonNode answer = json(id, body);
    String type = answer.path("schemaType").asText("AVRO");
    if (!type.equals("AVRO")) {
      return new RegistryAnswer.Unusable("is of type " + Excerpts.of(type) + ", not AVRO");
    }
    if (!answer.path("references").isEmpty()) {
      return new RegistryAnswer.Unusable("refers to other schemas, which are not read");
    }
    JsonNode schema = answer.path("schema");
    if (!schema.isTextual()) {
      throw noSchema(id, null);
    }
    return new RegistryAnswer.Found(schema.textValue());
  }

  private RegistryAnswer unknown(int id, String body) {
    try {
      if (JSON.readTree(body).path("error_code").asInt() == NO_SUCH_SCHEMA) {
        return new RegistryAnswer.Unknown();
      }
    } catch (JsonProcessingException page) {
      // As any other answer that does not come from a registry.
    }
    throw noAnswer(
        id,
        "answers with status 404, and not that there is no such schema",
        "Correct source.registry.url: the path before /schemas/ids belongs to it.",
        null);
  }

  private JsonNode json(int id, String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException page) {
      throw noSchema(id, page);
    }
  }

  private IllegalStateException noSchema(int id, @Nullable Throwable cause) {
    return noAnswer(
        id,
        "answers with something else than a schema",
        "Correct source.registry.url: it may be of another service.",
        cause);
  }

  private IllegalStateException noAnswer(
      int id, String what, String remedy, @Nullable Throwable cause) {
    return new IllegalStateException(
        "The schema registry %s %s when asked for schema %d. %s No event is lost: the job goes on from its last checkpoint."
            .formatted(registry.url(), what, id, remedy),
        cause);
  }
}
