package io.medallion.services.quarantine;

import io.medallion.io.Lakehouse;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.PipelineTables;
import io.medallion.services.ReportOnly;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.annotation.Nullable;
import org.apache.flink.table.data.RowData;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code medallion quarantine show}: one event as it came, and why silver did not take it. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Shows one event as it came, and why silver did not take it.",
    footerHeading = "%nExample:%n",
    footer =
        "  medallion quarantine show transactions-0@42 --pipeline pipelines/transactions --warehouse file:///data/lake")
final class ShowCommand implements Callable<Integer> {
  private static final int NOT_THERE = 1;
  private static final Pattern PLACE = Pattern.compile("(.+)-([0-9]{1,9})@([0-9]{1,18})");

  @Parameters(
      paramLabel = "TOPIC-PARTITION@OFFSET",
      description = "The event's place in Kafka, as `quarantine list` shows it.")
  private String place;

  @Option(
      names = "--json",
      description = "Prints a JSON document, in which the key and the payload are Base64.")
  private boolean json;

  @Mixin private PipelineTables tables;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Matcher found = PLACE.matcher(place);
    if (!found.matches()) {
      throw new ParameterException(
          spec.commandLine(),
          "Found %s, expected TOPIC-PARTITION@OFFSET such as transactions-0@42.".formatted(place));
    }
    PipelineDefinition pipeline = tables.pipeline();
    TableDefinition table = Tables.quarantine(pipeline);
    tables.requireCommit(List.of(table), "refine-silver");
    List<String> columns = new ArrayList<>(QuarantinedEvent.COLUMNS);
    int key = columns.size();
    columns.add(Tables.RECORD_KEY);
    columns.add(Tables.PAYLOAD);
    columns.add(Tables.REPLAYED_AT);
    List<Shown> events = new ArrayList<>();
    List<Instant> replayedAt = new ArrayList<>();
    Lakehouse lakehouse = new Lakehouse(tables.warehouse(), pipeline.name());
    ReportOnly.run(
        () ->
            lakehouse.read(
                table,
                columns,
                row -> {
                  if (row.getLong(2) == Long.parseLong(found.group(3))
                      && row.getInt(1) == Integer.parseInt(found.group(2))
                      && row.getString(0).toString().equals(found.group(1))) {
                    if (row.isNullAt(key + 2)) {
                      events.add(
                          new Shown(
                              QuarantinedEvent.of(row), bytes(row, key), bytes(row, key + 1)));
                    } else {
                      replayedAt.add(row.getTimestamp(key + 2, 3).toInstant());
                    }
                  }
                }));
    PrintWriter out = spec.commandLine().getOut();
    if (events.isEmpty()) {
      spec.commandLine().getErr().printf("%s is not in %s.%n", place, table.qualifiedName());
      return NOT_THERE;
    }
    events.forEach(
        event -> {
          if (json) {
            out.println(QuarantineSummary.json(event.event, event.key, event.payload, replayedAt));
          } else {
            print(event, replayedAt, out);
          }
        });
    out.flush();
    return 0;
  }

  private static void print(Shown shown, List<Instant> replayedAt, PrintWriter out) {
    QuarantinedEvent event = shown.event;
    out.printf("place           %s%n", event.place());
    out.printf("kafka time      %s%n", event.kafkaTimestamp());
    out.printf("quarantined at  %s%n", event.quarantinedAt());
    replayedAt.forEach(at -> out.printf("replayed at     %s%n", at));
    out.printf("rules           %s%n", String.join(", ", event.rules()));
    out.printf("reason          %s%n", event.reason());
    out.printf("key             %s%n", text(shown.key));
    out.printf("payload         %s%n", text(shown.payload));
  }

  /** The text, or hexadecimal where it is none that may be printed; an event steers no terminal. */
  private static String text(@Nullable byte[] bytes) {
    if (bytes == null) {
      return "(none)";
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.chars().noneMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t')) {
        return text;
      }
    } catch (CharacterCodingException notUtf8) {
      // Shown as bytes.
    }
    return "0x" + HexFormat.of().formatHex(bytes);
  }

  private static @Nullable byte[] bytes(RowData row, int column) {
    return row.isNullAt(column) ? null : row.getBinary(column);
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Shown(QuarantinedEvent event, @Nullable byte[] key, @Nullable byte[] payload) {}
}
