package io.medallion.services.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.medallion.io.CommitLog;
import io.medallion.io.Lakehouse;
import io.medallion.io.Progress;
import io.medallion.io.Span;
import io.medallion.schemas.AnyVariable;
import io.medallion.schemas.PipelineDefinition;
import io.medallion.schemas.PipelineFolder;
import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.Tables;
import io.medallion.services.Chromium;
import io.medallion.services.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page of real tables, in a real browser where one is installed (Debian: chromium). */
class ReportPageIT {
  private static final Path FOLDER = Path.of("../pipelines/transactions");
  private static final List<String> PLOTS =
      List.of("freshness", "throughput", "latency", "commits", "files", "ledger", "quality");
  private static final int PHONE = 360;

  @TempDir static Path folder;

  private static String warehouse;
  private static PipelineDefinition pipeline;

  /** Two commits of each table: six records, of which one is in quarantine. */
  @BeforeAll
  static void commitTables() {
    warehouse = folder.resolve("lake").toUri().toString();
    pipeline = PipelineFolder.load(FOLDER.toString(), new AnyVariable(Map.of()));
    bronze(0, 2);
    silver(2, 0);
    gold();
    bronze(2, 6);
    silver(3, 1);
    gold();
  }

  @Test
  void everyPlotIsDrawnLightAndDarkOnADeskAndOnAPhone() throws Exception {
    assumeThat(Chromium.PROGRAM).as("chromium, apt-get install chromium").exists();

    // Given
    Path page = folder.resolve("report.html");
    Ran ran = report(page);
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).startsWith(page + ": 6 commits, ");

    try (Chromium chromium = new Chromium(folder)) {
      // When
      chromium.show(1280, 900, false);
      chromium.open(page.toUri());

      // Then
      assertThat(chromium.evaluate("document.title").textValue())
          .startsWith("transactions, ")
          .endsWith(" UTC: Medallion report");
      List<Long> light = coloursOfPlots(chromium);
      assertThat(light).hasSameSizeAs(PLOTS).allMatch(colours -> colours > 3);
      assertThat(labels(chromium))
          .hasSameSizeAs(PLOTS)
          .contains(
              "Ledger per partition. No audit was run.",
              "Quality per rule. 1 of 6 events are in quarantine (16.67 %).");
      String lightPage = background(chromium);
      byte[] lightPicture = chromium.picture();

      // When the user changes to dark while the page is open
      chromium.show(1280, 900, true);

      // Then page and plots have other colours
      assertThat(background(chromium)).isNotEqualTo(lightPage);
      assertThat(chromium.picture()).isNotEqualTo(lightPicture);
      assertThat(coloursOfPlots(chromium)).allMatch(colours -> colours > 3);
      assertThat(axisColour(chromium)).isEqualTo("#9aa5b5");

      // When
      chromium.show(PHONE, 740, true);

      // Then nothing is wider than the phone, figures unfolded
      chromium.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)");
      assertThat(chromium.evaluate("document.documentElement.scrollWidth").intValue())
          .isLessThanOrEqualTo(PHONE);
      assertThat(wide(chromium)).isEmpty();
      assertThat(coloursOfPlots(chromium)).allMatch(colours -> colours > 3);

      // And of all that time there was no complaint, and nothing was asked for but the page
      assertThat(chromium.complaints()).isEmpty();
      assertThat(chromium.requests()).containsExactly(page.toUri().toString());
    }
  }

  @Test
  void theBrowserWouldComplainOfARequest() throws Exception {
    assumeThat(Chromium.PROGRAM).as("chromium, apt-get install chromium").exists();

    // Given a page that was changed to load something, and to run a script that is not ours
    Path page = folder.resolve("changed.html");
    assertThat(report(page).code()).isZero();
    Files.writeString(
        page,
        Files.readString(page)
            .replace(
                "</footer>",
                "<img src=\"http://127.0.0.1:1/pixel.png\"><script>document.title = 'changed'</script></footer>"));

    try (Chromium chromium = new Chromium(Files.createDirectories(folder.resolve("second")))) {
      // When
      chromium.open(page.toUri());

      // Then
      assertThat(chromium.evaluate("document.title").textValue()).startsWith("transactions, ");
      assertThat(chromium.complaints())
          .anyMatch(complaint -> complaint.contains("pixel.png"))
          .anyMatch(complaint -> complaint.contains("script-src"));
    }
  }

  @Test
  void anAuditIsInThePageWhereItWasAskedFor() throws Exception {
    // When
    Path page = folder.resolve("audited.html");
    Ran ran = report(page, "--audit");

    // Then silver's rows were not written in this test, which the audit finds
    assertThat(ran.code()).isEqualTo(1);
    assertThat(summary(page, "ledger"))
        .startsWith("Audit not clean: silver-rows (1)")
        .endsWith("; medallion audit names them.");
  }

  @Test
  void aTimeInWhichNothingWasCommittedHasWhatWasThereBefore() throws Exception {
    // When
    Path page = folder.resolve("idle.html");
    Ran ran = report(page, "--window", "1ms");

    // Then
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).startsWith(page + ": 0 commits, ");
    assertThat(summary(page, "freshness"))
        .matches("Age of the newest record at the end: bronze.transactions [\\d.]+ s, .*");
    assertThat(summary(page, "throughput")).isEqualTo("Mean per second: not known.");
    assertThat(summary(page, "quality")).isEqualTo("1 of 6 events are in quarantine (16.67 %).");
  }

  private static Ran report(Path page, String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.addAll(List.of("--without-kafka", "--out", page.toString()));
    return Ran.onTables(
        new ReportCommand(Map.of()), FOLDER, warehouse, arguments.toArray(String[]::new));
  }

  private static String summary(Path page, String plot) throws Exception {
    String html = Files.readString(page);
    int section = html.indexOf("<section class=\"" + plot + "\"");
    int begin = html.indexOf("<p class=\"summary\">", section) + "<p class=\"summary\">".length();
    return html.substring(begin, html.indexOf("</p>", begin));
  }

  /** How many colours each plot's canvas has; one that is empty has one. */
  private static List<Long> coloursOfPlots(Chromium chromium) {
    List<Long> colours = new ArrayList<>();
    for (String plot : PLOTS) {
      colours.add(
          chromium
              .evaluate(
                  """
                  (() => {
                    const drawn = document.querySelector('#%s canvas');
                    const copy = new OffscreenCanvas(drawn.width, drawn.height);
                    // Of one that is read often: the browser warns of reading those that are drawn on.
                    const context = copy.getContext('2d', { willReadFrequently: true });
                    context.drawImage(drawn, 0, 0);
                    const pixels = new Uint32Array(
                      context.getImageData(0, 0, drawn.width, drawn.height).data.buffer);
                    return new Set(pixels).size;
                  })()
                  """
                      .formatted(plot))
              .longValue());
    }
    return colours;
  }

  private static List<String> labels(Chromium chromium) {
    return texts(
        chromium.evaluate(
            "[...document.querySelectorAll('.chart')].map(chart => chart.getAttribute('aria-label'))"));
  }

  private static String background(Chromium chromium) {
    return chromium.evaluate("getComputedStyle(document.body).backgroundColor").textValue();
  }

  /** What the plot was drawn with, not what the style sheet says now. */
  private static String axisColour(Chromium chromium) {
    return chromium
        .evaluate(
            "echarts.getInstanceByDom(document.getElementById('freshness')).getOption().xAxis[0].axisLabel.color")
        .textValue();
  }

  /** What reaches beyond the right edge. */
  private static List<String> wide(Chromium chromium) {
    return texts(
        chromium.evaluate(
            "[...document.body.querySelectorAll('*')].filter(each => each.getBoundingClientRect().right > %d + 0.5).map(each => each.outerHTML.slice(0, 120))"
                .formatted(PHONE)));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  private static void bronze(long from, long to) {
    TableDefinition table = Tables.bronze(pipeline);
    long now = System.currentTimeMillis();
    commit(
        table,
        progress(
            "transactions-0",
            new Span(from, to),
            Map.of(Progress.INPUT, to - from, Progress.ROWS, to - from),
            Map.of(Progress.ROWS, to - from),
            now),
        LongStream.range(from, to)
            .mapToObj(offset -> record(table, offset, now))
            .toArray(RowData[]::new));
  }

  private static void silver(long applied, long quarantined) {
    TableDefinition table = Tables.silver(pipeline);
    long read = applied + quarantined;
    commit(
        table,
        progress(
            "bronze.transactions",
            next(Tables.bronze(pipeline), table),
            Map.of(
                Progress.INPUT,
                read,
                Progress.ROWS,
                applied,
                Progress.CHANGES,
                applied,
                Progress.QUARANTINED,
                quarantined,
                Progress.QUARANTINED_BY + "amount <is> a number",
                quarantined),
            Map.of(Progress.APPLIED, applied, Progress.QUARANTINED, quarantined),
            System.currentTimeMillis()));
  }

  private static void gold() {
    TableDefinition table = Tables.gold(pipeline.gold().get(0));
    commit(
        table,
        progress(
            "silver.transactions",
            next(Tables.silver(pipeline), table),
            Map.of(Progress.INPUT, 2L, Progress.ROWS, 1L),
            Map.of(),
            System.currentTimeMillis()));
  }

  /** From where a table stands to the newest commit of its input. */
  private static Span next(TableDefinition input, TableDefinition table) {
    long newest = Long.parseLong(CommitLog.newestInstant(warehouse, input).orElseThrow());
    return new Span(
        CommitLog.latest(warehouse, table)
            .map(commit -> commit.progress().next(input.qualifiedName()))
            .orElse(Span.START),
        newest);
  }

  private static void commit(TableDefinition table, Progress progress, RowData... rows) {
    Lakehouse lakehouse = new Lakehouse(warehouse, pipeline.name());
    lakehouse.create(table);
    lakehouse.rewrite(table, changes -> Arrays.stream(rows).forEach(changes), progress);
  }

  private static Progress progress(
      String input,
      Span span,
      Map<String, Long> counters,
      Map<String, Long> partition,
      long eventTime) {
    return new Progress(
        Map.of(input, span), counters, Map.of("transactions-0", partition), eventTime, eventTime);
  }

  private static RowData record(TableDefinition bronze, long offset, long time) {
    List<String> columns = bronze.columns().getFieldNames();
    GenericRowData row = new GenericRowData(columns.size());
    row.setField(columns.indexOf(Tables.TOPIC), StringData.fromString("transactions"));
    row.setField(columns.indexOf(Tables.PARTITION), 0);
    row.setField(columns.indexOf(Tables.OFFSET), offset);
    row.setField(columns.indexOf(Tables.KAFKA_TIMESTAMP), TimestampData.fromEpochMillis(time));
    row.setField(columns.indexOf(Tables.SOURCE_SYSTEM), StringData.fromString("erp"));
    row.setField(columns.indexOf(Tables.INGESTION_DATE), StringData.fromString("2026-01-01"));
    return row;
  }
}
