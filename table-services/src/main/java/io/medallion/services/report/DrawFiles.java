package io.medallion.services.report;

import io.medallion.io.DataFile;
import io.medallion.io.TableFiles;
import io.medallion.schemas.TableDefinition;
import io.medallion.services.report.Plot.Point;
import io.medallion.services.report.Plot.Series;
import io.medallion.services.report.Plot.Shape;
import io.medallion.services.report.Plot.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How large the files are that a reader of each table opens. */
final class DrawFiles {
  private static final long KIB = 1 << 10;
  private static final long MIB = 1 << 20;

  /** Bytes up to which a file is in one part and not in the next. */
  private static final List<Long> BOUNDS =
      List.of(16 * KIB, 128 * KIB, MIB, 16 * MIB, TableFiles.SMALL, 512 * MIB);

  private DrawFiles() {}

  static Plot of(History history) {
    List<String> categories = new ArrayList<>();
    BOUNDS.forEach(bound -> categories.add("< " + size(bound)));
    categories.add("≥ " + size(BOUNDS.get(BOUNDS.size() - 1)));
    List<Series> series = new ArrayList<>();
    List<List<String>> figures = new ArrayList<>();
    figures.add(List.of("table", "base files", "small", "log files", "all", "largest"));
    long files = 0;
    long bytes = 0;
    for (History.Files each : history.files()) {
      TableDefinition table = each.table();
      List<DataFile> base = each.files().stream().filter(file -> !file.log()).toList();
      List<DataFile> log = each.files().stream().filter(DataFile::log).toList();
      add(series, table.qualifiedName() + " base", Tones.of(table), base);
      add(series, table.qualifiedName() + " logs", Tones.light(table), log);
      TableFiles sum = TableFiles.of(each.files());
      files += sum.base() + sum.log();
      bytes += sum.bytes();
      figures.add(
          List.of(
              table.qualifiedName(),
              "%,d".formatted(sum.base()),
              "%,d".formatted(sum.small()),
              "%,d".formatted(sum.log()),
              size(sum.bytes()),
              size(each.files().stream().mapToLong(DataFile::bytes).max().orElse(0))));
    }
    return new Plot(
        "files",
        "File sizes",
        "Files that a reader of each table opens now, by size: base files, and log files that it merges with them. Base files below %s"
                .formatted(size(TableFiles.SMALL))
            + " are small, as Hudi says. From the listing of the tables.",
        "%,d files of %s.".formatted(files, size(bytes)),
        Shape.COLUMNS,
        Unit.FILES,
        categories,
        series,
        List.of(),
        figures);
  }

  private static void add(List<Series> series, String name, String tone, List<DataFile> files) {
    if (files.isEmpty()) {
      return;
    }
    long[] counts = new long[BOUNDS.size() + 1];
    for (DataFile file : files) {
      counts[(int) BOUNDS.stream().filter(bound -> file.bytes() >= bound).count()]++;
    }
    List<Point> points = new ArrayList<>();
    for (long count : counts) {
      points.add(new Point(points.size(), count));
    }
    series.add(new Series(name, tone, points));
  }

  /** {@code 16 KiB}, {@code 1.5 MiB}. */
  static String size(long bytes) {
    double size = bytes;
    int unit = 0;
    List<String> units = Arrays.asList("B", "KiB", "MiB", "GiB", "TiB");
    while (size >= KIB && unit < units.size() - 1) {
      size /= KIB;
      unit++;
    }
    return size == Math.rint(size)
        ? "%,d %s".formatted((long) size, units.get(unit))
        : String.format(Locale.ROOT, "%.1f %s", size, units.get(unit));
  }
}
