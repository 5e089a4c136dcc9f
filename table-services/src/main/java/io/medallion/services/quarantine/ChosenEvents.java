package io.medallion.services.quarantine;

import io.medallion.schemas.ReplayRequest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that choose events of the quarantine; without them, all. */
final class ChosenEvents {
  @Option(
      names = "--rule",
      paramLabel = "NAME",
      description = "Only events that broke this rule; several times for one of several.")
  private List<String> rules = List.of();

  private Instant since = Instant.EPOCH;

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description =
          "Only events judged since then: 2026-01-31T12:00:00Z, or 2h for the last two hours.")
  void since(String text) {
    try {
      since = Instant.parse(text);
    } catch (DateTimeException noTime) {
      try {
        Duration back = TimeUtils.parseDuration(text);
        since = Instant.now().minus(back);
      } catch (IllegalArgumentException noDuration) {
        throw new ParameterException(
            spec.commandLine(),
            "--since: found %s, expected a UTC time such as 2026-01-31T12:00:00Z or a duration such as 2h."
                .formatted(text),
            noDuration);
      }
    }
  }

  /**
   * What is asked for.
   *
   * @param newest commit of the quarantine
   */
  ReplayRequest upTo(String newest) {
    return new ReplayRequest(newest, rules, since.toEpochMilli());
  }
}
