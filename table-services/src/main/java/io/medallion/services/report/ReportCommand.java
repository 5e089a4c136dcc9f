package io.medallion.services.report;

import io.medallion.io.ledger.AuditReport;
import io.medallion.schemas.InvalidConfigurationException;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.Problem;
import io.medallion.schemas.Tables;
import io.medallion.services.KafkaAccess;
import io.medallion.services.PipelineTables;
import io.medallion.services.ReportOnly;
import io.medallion.services.ShowProgress;
import io.medallion.services.Terminal;
import io.medallion.services.status.PipelineStatus;
import io.medallion.services.status.ReadStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code medallion report}: a page of plots of how a pipeline has been doing. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    // 1 says that an audit found something; a table that cannot be read does not.
    exitCodeOnExecutionException = 2,
    description = {
      "Writes a page of plots: freshness, throughput, latency, commit durations, file sizes, the ledger of each Kafka"
          + " partition, and quality per rule. It is one file that asks for nothing else when it is opened.",
      "Reads the tables' commits, some of bronze's files and what waits in Kafka; it needs no job, and works while the"
          + " jobs are down."
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 --audit found something (the page is written), 2 it could not be made.",
      "docs/report.md explains each plot.",
      "",
      "Examples:",
      "  medallion report --pipeline pipelines/transactions --warehouse file:///data/lake --out report.html",
      "  medallion report --window 1h --audit --pipeline pipelines/transactions --warehouse s3://lake --out report.html"
    })
public final class ReportCommand implements Callable<Integer> {
  private static final int FINDINGS = 1;
  private static final long BYTES_PER_KB = 1_000;

  private final Map<String, String> environment;

  @Mixin private PipelineTables tables;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The page; a file that is there is replaced.")
  private Path out;

  @Mixin private KafkaAccess kafka;

  @Option(
      names = "--window",
      paramLabel = "DURATION",
      defaultValue = "24 h",
      description =
          "How far back the plots go. Archived commits are read too; the latency is of those on the timeline. Default:"
              + " ${DEFAULT-VALUE}.")
  private Duration window;

  @Option(
      names = "--audit",
      description =
          "Audits the tables as medallion audit does, for the ledger: reads every row. Without it the ledger is what the"
              + " newest commits count, and the page says so.")
  private boolean audit;

  @Spec private CommandSpec spec;

  public ReportCommand() {
    this(System.getenv());
  }

  ReportCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    require(
        !window.isZero() && !window.isNegative(),
        "--window",
        window,
        "a time longer than zero",
        "Give one, e.g. 24h.");
    Path page = out.toAbsolutePath().normalize();
    require(
        !Files.isDirectory(page) && Files.isDirectory(page.getParent()),
        "--out",
        out,
        "a file in a folder that is there",
        "Make the folder, or name another file.");
    PipelineDefinition pipeline = tables.pipeline(kafka.environment(environment));
    tables.requireCommit(List.of(Tables.bronze(pipeline)), "ingest-bronze");
    Made made = make(pipeline);
    replace(page, made.html());
    PrintWriter text = spec.commandLine().getOut();
    text.printf("%s: %,d commits, %,d kB%n", page, made.commits(), Files.size(page) / BYTES_PER_KB);
    text.flush();
    return made.clean() ? 0 : FINDINGS;
  }

  /**
   * A page.
   *
   * @param clean whether an audit was clean, or none was asked for
   */
  private record Made(String html, long commits, boolean clean) {}

  private Made make(PipelineDefinition pipeline) {
    try (ShowProgress progress =
        new ShowProgress(spec.commandLine().getErr(), Terminal.attached())) {
      return ReportOnly.during(() -> make(pipeline, progress));
    }
  }

  private Made make(PipelineDefinition pipeline, ShowProgress progress) {
    Optional<AuditReport> audited =
        audit
            ? Optional.of(kafka.audit(pipeline, tables.warehouse()).run(progress))
            : Optional.empty();
    try (ReadStatus read =
        new ReadStatus(pipeline, tables.warehouse(), kafka.client(pipeline), window)) {
      PipelineStatus status = read.look();
      History history =
          new ReadHistory(pipeline, tables.warehouse(), status.now().minus(window), progress)
              .read(read.logs(), status.now());
      return make(pipeline, status, history, audited);
    }
  }

  private static Made make(
      PipelineDefinition pipeline,
      PipelineStatus status,
      History history,
      Optional<AuditReport> audited) {
    List<Plot> plots =
        List.of(
            DrawFreshness.of(history, pipeline.freshnessObjective()),
            DrawThroughput.of(history),
            DrawLatency.of(status.latency()),
            DrawCommits.of(history),
            DrawFiles.of(history),
            audited.map(DrawLedger::ofAudit).orElseGet(() -> DrawLedger.ofCommits(history)),
            DrawQuality.of(history));
    return new Made(
        WritePage.of(status, history, plots),
        history.commits(),
        audited.map(AuditReport::clean).orElse(true));
  }

  /** Whoever has the page open sees the former or the new one. */
  private static void replace(Path page, String html) throws IOException {
    Path written = page.resolveSibling(page.getFileName() + ".part");
    try {
      Files.writeString(written, html);
      Files.move(written, page, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(written);
    }
  }

  private static void require(
      boolean holds, String option, Object value, String expected, String remedy) {
    if (!holds) {
      throw new InvalidConfigurationException(
          "The command",
          List.of(new Problem("command line", option, String.valueOf(value), expected, remedy)));
    }
  }
}
