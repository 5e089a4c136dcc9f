package io.medallion.services.quarantine;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.medallion.io.CommitLog;
import io.medallion.io.Lakehouse;
import io.medallion.io.Requests;
import io.medallion.io.Span;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.ReplayRequest;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.PipelineTables;
import io.medallion.services.ReportOnly;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code medallion quarantine replay}: has silver judge events of the quarantine again. The job
 * does it, by the rules that it runs with; the command asks it to, and waits.
 */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Has refine-silver judge events of the quarantine again, by the rules that it runs with now.",
      "What it takes goes into silver once, however often it is asked for; the rest stays."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  After a reference was completed and refine-silver was restarted with it:",
      "    medallion quarantine replay --rule 'region is known' --pipeline pipelines/transactions --warehouse file:///data/lake",
      "  All of the last day, without waiting for it:",
      "    medallion quarantine replay --since 1d --wait 0s --pipeline pipelines/transactions --warehouse file:///data/lake"
    })
final class ReplayCommand implements Callable<Integer> {
  private static final int NOT_YET = 1;
  private static final Duration POLL = Duration.ofMillis(500);

  @Mixin private PipelineTables tables;

  @Mixin private ChosenEvents chosen;

  @Option(
      names = "--wait",
      paramLabel = "DURATION",
      defaultValue = "5min",
      description = "How long to wait until silver has them. Default: ${DEFAULT-VALUE}.")
  private String patience;

  @Option(names = "--json", description = "Prints a JSON document.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    long deadline = System.nanoTime() + patience().toNanos();
    PipelineDefinition pipeline = tables.pipeline();
    TableDefinition quarantine = Tables.quarantine(pipeline);
    tables.requireCommit(List.of(quarantine), "refine-silver");
    ReplayRequest request =
        chosen.upTo(CommitLog.newestInstant(tables.warehouse(), quarantine).orElseThrow());
    long open = open(pipeline, request);
    PrintWriter out = spec.commandLine().getOut();
    if (open == 0) {
      out.print(
          json
              ? document(0, 0, 0)
              : "No such event in %s.%n".formatted(quarantine.qualifiedName()));
      out.flush();
      return 0;
    }
    long number = Requests.about(quarantine, tables.warehouse()).add(request.toJson(), 0);
    PrintWriter err = spec.commandLine().getErr();
    err.printf("Request %d: %,d events. Waiting for refine-silver.%n", number, open);
    err.flush();
    while (taken(pipeline) < number) {
      if (System.nanoTime() >= deadline) {
        err.printf(
            "refine-silver has not taken request %d within %s. It stands, and is taken when the job runs.%n",
            number, patience);
        err.flush();
        return NOT_YET;
      }
      Thread.sleep(POLL.toMillis());
    }
    long stay = open(pipeline, request);
    out.print(
        json
            ? document(number, open, stay)
            : "Request %d: %,d events judged again. %,d are in silver now, %,d stay in quarantine.%n"
                .formatted(number, open, open - stay, stay));
    out.flush();
    return 0;
  }

  private Duration patience() {
    try {
      return TimeUtils.parseDuration(patience);
    } catch (IllegalArgumentException noDuration) {
      throw new ParameterException(
          spec.commandLine(),
          "--wait: found %s, expected a duration such as 5min.".formatted(patience),
          noDuration);
    }
  }

  /** How many events in quarantine the request asks for. */
  private long open(PipelineDefinition pipeline, ReplayRequest request) {
    AtomicLong events = new AtomicLong();
    Lakehouse lakehouse = new Lakehouse(tables.warehouse(), pipeline.name());
    ReportOnly.run(
        () ->
            OpenEvents.read(
                lakehouse,
                Tables.quarantine(pipeline),
                request,
                event -> events.incrementAndGet()));
    return events.get();
  }

  /** Up to which request both tables have committed what became of it. */
  private long taken(PipelineDefinition pipeline) {
    String input = Requests.about(Tables.quarantine(pipeline), tables.warehouse()).input();
    return List.of(Tables.silver(pipeline), Tables.quarantine(pipeline)).stream()
        .mapToLong(
            table ->
                CommitLog.latest(tables.warehouse(), table)
                    .map(commit -> commit.progress().next(input))
                    .orElse(Span.START))
        .min()
        .orElseThrow();
  }

  private static String document(long number, long open, long stay) {
    return new ObjectMapper()
            .createObjectNode()
            .put("request", number)
            .put("events", open)
            .put("replayed", open - stay)
            .put("quarantined", stay)
            .toPrettyString()
        + "\n";
  }
}
