package io.medallion.services.audit;

import io.medallion.schemas.InvalidConfigurationException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import picocli.CommandLine;

/**
 * What {@code medallion audit} answered.
 *
 * @param code the exit code
 */
record Ran(int code, String out, String err) {
  static Ran of(Map<String, String> environment, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new AuditCommand(environment))
            .setUsageHelpWidth(120)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            // As Medallion does.
            .setExecutionExceptionHandler(
                (exception, command, parsed) -> {
                  if (exception instanceof InvalidConfigurationException) {
                    command.getErr().println(exception.getMessage());
                    return 2;
                  }
                  throw exception;
                })
            .execute(arguments);
    return new Ran(code, out.toString(), err.toString());
  }
}
