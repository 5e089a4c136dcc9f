package io.medallion.services.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.services.CommandFailedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What Flink's REST interface says about a cluster and its jobs. */
public final class FlinkRest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final String address;

  /**
   * @param address {@code host:port}
   */
  public FlinkRest(String address) {
    this.address = address;
  }

  /** The web UI's address. */
  public String url() {
    return "http://" + address;
  }

  /** Whether the JobManager answers. */
  boolean answers() {
    return get("/overview").isPresent();
  }

  /** Slots of all registered TaskManagers; 0 while the JobManager does not answer. */
  public int slots() {
    return get("/overview").map(overview -> overview.path("slots-total").asInt()).orElse(0);
  }

  /** Fails when there is no cluster that could run a job. */
  public void requireSlots() {
    if (slots() == 0) {
      throw new CommandFailedException(
          "Flink at %s does not answer or has no TaskManager: expected the REST address of a Flink 1.20 cluster, e.g. localhost:8081."
              .formatted(address));
    }
  }

  /** The folder of the cluster's checkpoints; empty when it has none. */
  public Optional<String> checkpointFolder() {
    return setting("execution.checkpointing.dir").or(() -> setting("state.checkpoints.dir"));
  }

  /** How many slots of each registered TaskManager run tasks, by its resource id. */
  public Map<String, Integer> usedSlots() {
    Map<String, Integer> used = new HashMap<>();
    get("/taskmanagers")
        .ifPresent(
            answer -> {
              for (JsonNode taskManager : answer.path("taskmanagers")) {
                used.put(
                    taskManager.path("id").asText(),
                    taskManager.path("slotsNumber").asInt()
                        - taskManager.path("freeSlots").asInt());
              }
            });
    return used;
  }

  /** A setting of the JobManager; empty when it has none. */
  public Optional<String> setting(String key) {
    return get("/jobmanager/config")
        .flatMap(
            settings -> {
              for (JsonNode setting : settings) {
                if (setting.path("key").asText().equals(key)) {
                  return Optional.of(setting.path("value").asText());
                }
              }
              return Optional.empty();
            });
  }

  /**
   * A job's state as Flink names it, e.g. {@code RUNNING}; empty while there is no answer. As it is
   * now: what Flink says of a whole job may be seconds old, and older when its clock jumps back.
   */
  public Optional<String> jobState(String jobId) {
    return get("/jobs/" + jobId + "/status").map(job -> job.path("status").asText());
  }

  /** Whether every task of a job runs; a job is {@code RUNNING} before its tasks are. */
  public boolean runs(String jobId) {
    return get("/jobs/" + jobId)
        .filter(job -> job.path("state").asText().equals("RUNNING"))
        .map(
            job -> {
              boolean running = !job.path("vertices").isEmpty();
              for (JsonNode vertex : job.path("vertices")) {
                running &= vertex.path("status").asText().equals("RUNNING");
              }
              return running;
            })
        .orElse(false);
  }

  /** Why a job failed last: the messages of its root exception, without its stack frames. */
  public Optional<String> failure(String jobId) {
    return get("/jobs/" + jobId + "/exceptions")
        .map(exceptions -> exceptions.path("root-exception").asText(""))
        .filter(exception -> !exception.isEmpty() && !exception.equals("null"))
        .map(FailureMessages::of);
  }

  /** Cancels a job and does not wait for its end. */
  public void cancel(String jobId) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/jobs/" + jobId + "?mode=cancel"))
            .timeout(TIMEOUT)
            .method("PATCH", HttpRequest.BodyPublishers.noBody())
            .build();
    send(request);
  }

  private Optional<JsonNode> get(String path) {
    return send(HttpRequest.newBuilder(URI.create(url() + path)).timeout(TIMEOUT).build());
  }

  private Optional<JsonNode> send(HttpRequest request) {
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      return response.statusCode() / 100 == 2
          ? Optional.of(JSON.readTree(response.body()))
          : Optional.empty();
    } catch (IOException noAnswer) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailedException("Interrupted while asking Flink.", e);
    }
  }
}
