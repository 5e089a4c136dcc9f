package io.medallion.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code jobs.sh} with a {@code flink} that keeps its jobs in a folder. */
class JobsScriptTest {
  private static final String FLINK =
      """
      #!/bin/sh
      set -eu
      cd "$CLUSTER"
      case $1 in
        list) [ ! -f away ] || { echo "Connection refused"; exit 1; }; for id in running/*; do [ -f "$id" ] && echo "22.11.2026 10:00:00 : ${id#running/} : job (RUNNING)"; done; true ;;
        run)
          count=$(($(cat count) + 1)); echo $count > count
          id=$(printf '%032x' $count); touch running/$id; mkdir -p "$STATE/checkpoints/$id"
          echo "$*" >> calls; echo "Job has been submitted with JobID $id" ;;
        stop)
          rm "running/$4"; echo "$*" >> calls
          echo "Savepoint completed. Path: file:$3/savepoint-$4" ;;
      esac
      """;

  @TempDir Path folder;

  @BeforeEach
  void anEmptyCluster() throws IOException {
    Files.createDirectories(folder.resolve("running"));
    Files.writeString(folder.resolve("count"), "0");
    Files.writeString(folder.resolve("calls"), "");
    Path flink = Files.createDirectories(folder.resolve("bin")).resolve("flink");
    Files.writeString(flink, FLINK);
    assertThat(flink.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void submitsTheThreeJobsInTheOrderOfTheData() throws Exception {
    assertThat(run("submit").exitCode).isZero();

    assertThat(calls())
        .containsExactly(
            "run -d /opt/medallion/ingest-bronze.jar --pipeline /opt/medallion/pipelines/p --warehouse file:///lake",
            "run -d /opt/medallion/refine-silver.jar --pipeline /opt/medallion/pipelines/p --warehouse file:///lake",
            "run -d /opt/medallion/aggregate-gold.jar --pipeline /opt/medallion/pipelines/p --warehouse file:///lake");
  }

  @Test
  void leavesRunningJobsAlone() throws Exception {
    run("submit");
    Run again = run("submit");

    assertThat(again.exitCode).isZero();
    assertThat(again.output)
        .contains("ingest-bronze is running as 00000000000000000000000000000001");
    assertThat(calls()).hasSize(3);
  }

  @Test
  void doesNotTakeAJobForGoneWhenTheClusterDoesNotAnswer() throws Exception {
    run("submit");
    Files.writeString(folder.resolve("away"), "");

    for (String command : List.of("submit", "stop")) {
      Run unanswered = run(command);

      assertThat(unanswered.exitCode).isEqualTo(1);
      assertThat(unanswered.output).contains("Flink did not say whether ", "Connection refused");
    }
    assertThat(calls()).hasSize(3);
  }

  @Test
  void stopsGoldFirstAndResumesFromTheSavepoints() throws Exception {
    run("submit");
    assertThat(run("stop").exitCode).isZero();
    assertThat(run("submit").exitCode).isZero();

    String savepoints = folder.resolve("state/savepoints").toString();
    assertThat(calls().subList(3, 7))
        .containsExactly(
            "stop --savepointPath " + savepoints + " 00000000000000000000000000000003",
            "stop --savepointPath " + savepoints + " 00000000000000000000000000000002",
            "stop --savepointPath " + savepoints + " 00000000000000000000000000000001",
            "run -d -s file:"
                + savepoints
                + "/savepoint-00000000000000000000000000000001 /opt/medallion/ingest-bronze.jar"
                + " --pipeline /opt/medallion/pipelines/p --warehouse file:///lake");
  }

  @Test
  void resumesALostJobFromItsNewestCompleteCheckpoint() throws Exception {
    run("submit");
    for (String checkpoint : List.of("chk-9", "chk-10", "chk-11")) {
      Files.createDirectories(checkpoints(1).resolve(checkpoint));
    }
    Files.createFile(checkpoints(1).resolve("chk-9/_metadata"));
    Files.createFile(checkpoints(1).resolve("chk-10/_metadata"));
    Files.delete(folder.resolve("running/00000000000000000000000000000001"));

    assertThat(run("submit").exitCode).isZero();

    assertThat(calls().get(3))
        .startsWith("run -d -s " + checkpoints(1).resolve("chk-10") + " /opt/medallion/ingest");
  }

  @Test
  void aJobLostBeforeItsFirstCheckpointStartsWhereItHadStarted() throws Exception {
    run("submit");
    run("stop");
    run("submit");
    Files.delete(folder.resolve("running/00000000000000000000000000000004"));

    assertThat(run("submit").exitCode).isZero();

    assertThat(calls().get(9))
        .startsWith("run -d -s ")
        .contains("/savepoint-00000000000000000000000000000001 /opt/medallion/ingest-bronze.jar");
  }

  @Test
  void refusesToBeginAgainWhenTheCheckpointsOfAJobAreGone() throws Exception {
    run("submit");
    Files.delete(folder.resolve("running/00000000000000000000000000000001"));
    Files.delete(checkpoints(1));

    Run refused = run("submit");

    assertThat(refused.exitCode).isEqualTo(1);
    assertThat(refused.output)
        .isEqualTo(
            "ingest-bronze ran as 00000000000000000000000000000001 and its checkpoints are not in "
                + folder.resolve("state/checkpoints")
                + ". Write the path of a savepoint or checkpoint to "
                + folder.resolve("state/jobs/p/ingest-bronze.savepoint")
                + ", or delete "
                + folder.resolve("state/jobs/p")
                + " and the tables of p to begin again.\n");
    assertThat(calls()).hasSize(3);
  }

  @Test
  void anythingElseIsAnsweredWithTheUsage() throws Exception {
    Run run = run("restart");

    assertThat(run.exitCode).isEqualTo(2);
    assertThat(run.output).isEqualTo("Usage: jobs.sh submit|stop\n");
  }

  private Path checkpoints(int job) {
    return folder.resolve("state/checkpoints/" + String.format("%032x", job));
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(folder.resolve("calls"));
  }

  private Run run(String command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("sh", Repository.file("docker/jobs.sh").toString(), command)
            .redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("PATH", folder.resolve("bin") + ":" + environment.get("PATH"));
    environment.put("CLUSTER", folder.toString());
    environment.put("STATE", folder.resolve("state").toString());
    environment.put("PIPELINE", "p");
    environment.put("WAREHOUSE", "file:///lake");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), output);
  }

  private record Run(int exitCode, String output) {}
}
