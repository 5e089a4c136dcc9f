package io.medallion.services;

import io.medallion.schemas.InvalidConfigurationException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.util.TimeUtils;
import picocli.CommandLine;

/**
 * What a command answered.
 *
 * @param code the exit code
 */
public record Ran(int code, String out, String err) {
  /** Runs a command of {@code medallion}. */
  public static Ran of(Object command, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(command)
            .setUsageHelpWidth(120)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            // As Medallion does.
            .registerConverter(Duration.class, TimeUtils::parseDuration)
            .setExecutionExceptionHandler(
                (exception, line, parsed) -> {
                  if (exception instanceof InvalidConfigurationException) {
                    line.getErr().println(exception.getMessage());
                    return 2;
                  }
                  throw exception;
                })
            .execute(arguments);
    return new Ran(code, out.toString(), err.toString());
  }

  /** The same with the options that name a pipeline's tables. */
  public static Ran onTables(Object command, Path pipeline, String warehouse, String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.addAll(List.of("--pipeline", pipeline.toString(), "--warehouse", warehouse));
    return of(command, arguments.toArray(String[]::new));
  }
}
