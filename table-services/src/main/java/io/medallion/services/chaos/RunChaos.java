package io.medallion.services.chaos;

import io.medallion.services.CommandFailedException;
import io.medallion.services.demo.Installation;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One run: its schedule, part by part, and one table. */
final class RunChaos {
  private final ChaosOptions options;
  private final Installation installation;
  private final RunLog log;

  /**
   * @param out for people, line by line as things happen
   */
  RunChaos(ChaosOptions options, Installation installation, PrintWriter out) {
    this.options = options;
    this.installation = installation;
    this.log = new RunLog(out, options.limit());
  }

  ChaosReport run() {
    Map<FaultKind, String> unavailable = new TreeMap<>();
    List<FaultKind> kinds = new ArrayList<>();
    for (FaultKind kind : options.kinds()) {
      kind.unavailable().ifPresentOrElse(why -> unavailable.put(kind, why), () -> kinds.add(kind));
    }
    if (kinds.isEmpty()) {
      throw new CommandFailedException("None of the kinds is available here: " + unavailable);
    }
    FaultSchedule schedule = FaultSchedule.of(options.seed(), options.faults(), kinds);
    log.say("Seed %d, %d faults of %d kinds:", options.seed(), options.faults(), kinds.size());
    schedule.faults().forEach(planned -> log.say("%s", planned));

    List<List<PlannedFault>> parts = schedule.parts();
    List<PartReport> reports = new ArrayList<>();
    for (List<PlannedFault> part : parts) {
      if (!reports.isEmpty() && log.isOver()) {
        break;
      }
      PartReport report = run(part, kinds);
      reports.add(report);
      if (parts.size() > 1) {
        log.happened(
            "part %d of %d: %s", reports.size(), parts.size(), report.good() ? "ok" : "FAIL");
      }
    }
    return new ChaosReport(
        options.sink(), options.seed(), options.faults(), log.elapsed(), unavailable, reports);
  }

  private PartReport run(List<PlannedFault> part, List<FaultKind> kinds) {
    try {
      return new RunPart(options, installation, kinds, log).run(part);
    } catch (IOException failure) {
      throw new UncheckedIOException("What a run has left could not be removed", failure);
    }
  }
}
