package io.medallion.services.status;

import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Problem;
import io.medallion.schemas.Tables;
import io.medallion.services.KafkaAccess;
import io.medallion.services.PipelineTables;
import io.medallion.services.ReportOnly;
import io.medallion.services.Terminal;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code medallion status}: how fresh each layer is where a reader stands, and what keeps it. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    // 1 says that a layer does not keep up; a table that cannot be read does not.
    exitCodeOnExecutionException = 2,
    description = {
      "Shows each layer as its readers see it: rows, age, state, what waits, files, and how much of the time the"
          + " freshness objective was met.",
      "Reads the tables' commits and what waits in Kafka; it needs no job, and works while the jobs are down."
    },
    footer = {
      "",
      "States: idle, healthy, catching-up (commits go on, later than the objective), stalled (something waits, nothing"
          + " is committed).",
      "Exit codes: 0 done, 1 a layer is in the state of --fail-on or worse, 2 it could not be asked.",
      "docs/status.md explains each column and the JSON document.",
      "",
      "Examples:",
      "  medallion status --pipeline pipelines/transactions --warehouse file:///data/lake",
      "  medallion status --watch --pipeline pipelines/transactions --warehouse s3://lake",
      "  medallion status --prometheus 9400 --pipeline pipelines/transactions --warehouse s3://lake",
      "  medallion status --json --fail-on stalled --pipeline pipelines/transactions --warehouse s3://lake"
    })
public final class StatusCommand implements Callable<Integer> {
  private static final int FAILS = 1;
  private static final int MAX_PORT = 65_535;
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  @Mixin private PipelineTables tables;
  @Mixin private KafkaAccess kafka;

  @Option(
      names = "--window",
      paramLabel = "DURATION",
      defaultValue = "15 min",
      description =
          "How far back the objective is judged and latencies are sampled, as far as commits are on the timeline."
              + " Default: ${DEFAULT-VALUE}.")
  private Duration window;

  @Option(
      names = "--fail-on",
      paramLabel = "STATE",
      description =
          "Ends with exit code 1 if a layer is in this state or a worse one: ${COMPLETION-CANDIDATES}.")
  private FreshnessState failOn;

  @Option(
      names = "--watch",
      description = "Looks again every two seconds until Ctrl-C, or until --fail-on holds.")
  private boolean watch;

  @Option(
      names = "--prometheus",
      paramLabel = "PORT",
      description =
          "Serves http://HOST:PORT/metrics until Ctrl-C and looks at each scrape; docs/metrics.md lists the metrics.")
  private Integer prometheus;

  @Option(names = "--json", description = "Prints a JSON document; with --watch one in each line.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException, IOException {
    if (prometheus != null && (watch || json || failOn != null)) {
      throw new ParameterException(
          spec.commandLine(), "--prometheus excludes --watch, --json and --fail-on.");
    }
    require(
        !window.isZero() && !window.isNegative(),
        "--window",
        window,
        "a time longer than zero",
        "Give one, e.g. 15min.");
    require(
        prometheus == null || (prometheus >= 0 && prometheus <= MAX_PORT),
        "--prometheus",
        prometheus,
        "a port, 0 to 65535",
        "Give one, e.g. 9400.");
    PipelineDefinition definition = tables.pipeline(kafka.environment(System.getenv()));
    if (prometheus == null && !watch) {
      tables.requireCommit(List.of(Tables.bronze(definition)), "ingest-bronze");
    }
    try (ReadStatus status =
        new ReadStatus(definition, tables.warehouse(), kafka.client(definition), window)) {
      if (prometheus != null) {
        return serve(status);
      }
      while (true) {
        Optional<PipelineStatus> now = look(status);
        now.ifPresent(this::show);
        if (failOn != null && now.filter(seen -> seen.state().compareTo(failOn) >= 0).isPresent()) {
          return FAILS;
        }
        if (!watch || spec.commandLine().getOut().checkError()) {
          return 0;
        }
        TimeUnit.MILLISECONDS.sleep(BETWEEN_LOOKS.toMillis());
      }
    }
  }

  /** Whoever watches on wants to see when the storage answers again. */
  private Optional<PipelineStatus> look(ReadStatus status) {
    try {
      return Optional.of(ReportOnly.during(status::look));
    } catch (RuntimeException failure) {
      if (!watch) {
        throw failure;
      }
      spec.commandLine().getErr().println("Could not look: " + failure);
      spec.commandLine().getErr().flush();
      return Optional.empty();
    }
  }

  private int serve(ReadStatus status) throws InterruptedException, IOException {
    try (HTTPServer server = StatusMetrics.serve(status::look, prometheus)) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf("Serves http://localhost:%d/metrics%n", server.getPort());
      err.flush();
      new CountDownLatch(1).await();
      return 0;
    } catch (BindException taken) {
      throw refused(
          "--prometheus",
          prometheus,
          "a port of this machine that is free",
          "Name another one, or 0 for any.");
    }
  }

  private void show(PipelineStatus now) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.print(watch ? StatusJson.line(now) : StatusJson.of(now));
    } else {
      out.print(watch && Terminal.attached() ? Terminal.CLEAR_SCREEN : "");
      out.print(StatusText.of(now));
    }
    out.flush();
  }

  private static void require(
      boolean holds, String option, Object value, String expected, String remedy) {
    if (!holds) {
      throw refused(option, value, expected, remedy);
    }
  }

  private static InvalidConfigurationException refused(
      String option, Object value, String expected, String remedy) {
    return new InvalidConfigurationException(
        "The command",
        List.of(new Problem("command line", option, String.valueOf(value), expected, remedy)));
  }
}
