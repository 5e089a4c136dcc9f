package io.medallion.schemas;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;

/** Reads {@code references}: the tables that gold queries may join and rules may ask. */
final class ReadReferences {
  /** The rows travel within the job graph. */
  static final int MAX_ROWS = 100_000;

  private static final String FILE = "file";
  private static final String KEY = "key";
  private static final String PIPELINE = "pipeline";

  private final Section references;
  private final PipelineFiles files;
  private final String pipeline;

  private ReadReferences(Section references, PipelineFiles files, String pipeline) {
    this.references = references;
    this.files = files;
    this.pipeline = pipeline;
  }

  /**
   * Reads them all.
   *
   * @param pipeline the name of the pipeline that they belong to
   */
  static List<Reference> read(Section references, PipelineFiles files, String pipeline) {
    return new ReadReferences(references, files, pipeline).read();
  }

  private List<Reference> read() {
    List<Reference> found = new ArrayList<>();
    references
        .sections("file or pipeline", "stores: { file: reference/stores.csv }")
        .forEach((name, section) -> reference(name, section).ifPresent(found::add));
    return found;
  }

  private Optional<Reference> reference(String name, Section section) {
    section.onlyKeys(PipelineKeys.REFERENCE);
    if (!PipelineFolder.NAME.matcher(name).matches() || ReadGold.RESERVED.contains(name)) {
      references.problem(
          name,
          name,
          ReadGold.RESERVED.contains(name)
              ? "a name other than " + String.join(", ", ReadGold.RESERVED)
              : PipelineFolder.NAME_EXPECTED,
          "Rename it: queries join the table under this name.");
    }
    if (section.has(FILE) == section.has(PIPELINE)) {
      references.problem(
          name,
          section.has(FILE) ? "file and pipeline" : "neither file nor pipeline",
          "one of file, pipeline",
          section.has(FILE) ? "Make a reference of each." : "Add one.");
      return Optional.empty();
    }
    if (section.has(PIPELINE)) {
      if (section.has(KEY)) {
        section.problem(KEY, "a key beside pipeline", "pipeline alone", "Remove key.");
      }
      return section
          .text(PIPELINE, "the folder of a pipeline", "pipeline: ../customers")
          .flatMap(folder -> ofPipeline(name, section, folder));
    }
    return section
        .text(FILE, "a CSV file", "file: reference/stores.csv")
        .flatMap(file -> ofFile(name, section, file));
  }

  private Optional<Reference> ofPipeline(String name, Section section, String folder) {
    Problems problems = new Problems();
    Optional<TableDefinition> silver = PipelineFolder.silver(files.resolve(folder), problems);
    Optional<Problem> wrong = problems.first();
    if (wrong.isPresent() || silver.isEmpty()) {
      section.problem(
          PIPELINE,
          folder + ", which cannot be used" + wrong.map(first -> " (" + first + ")").orElse(""),
          "the folder of a pipeline, absolute or from this one",
          "Correct it; medallion validate --pipeline names all that is wrong with that one.");
      return Optional.empty();
    }
    if (silver.get().name().equals(pipeline)) {
      section.problem(
          PIPELINE,
          folder + ", which is pipeline " + pipeline + " itself",
          "another pipeline",
          "Name silver in the query: it can be joined with itself.");
      return Optional.empty();
    }
    return Optional.of(new Reference.OfPipeline(name, silver.get()));
  }

  private Optional<Reference> ofFile(String name, Section section, String file) {
    int problems = section.problems().count();
    Optional<Csv> csv = Csv.read(section, FILE, files, file);
    if (csv.isEmpty()) {
      return Optional.empty();
    }
    List<String> header = csv.get().header();
    checkShape(section, file, csv.get());
    List<String> key =
        section.has(KEY)
            ? section.texts(KEY, "columns of the file", "key: store_id")
            : header.subList(0, 1);
    for (String column : key) {
      if (!header.contains(column)) {
        section.itemProblem(
            KEY,
            column,
            column,
            "a column of " + file + ": " + String.join(", ", header),
            NearestWord.of(column, header)
                .map(nearest -> "Did you mean " + nearest + "?")
                .orElse("Name one of these."));
      }
    }
    if (section.problems().count() > problems) {
      return Optional.empty();
    }
    List<List<String>> rows = csv.get().rows().stream().map(ReadReferences::withNulls).toList();
    checkKey(section, file, header, key, rows);
    RowType columns =
        new RowType(
            false,
            header.stream()
                .map(
                    column ->
                        new RowType.RowField(
                            column, new VarCharType(!key.contains(column), VarCharType.MAX_LENGTH)))
                .toList());
    return section.problems().count() > problems
        ? Optional.empty()
        : Optional.of(new Reference.OfFile(name, columns, key, rows));
  }

  private static void checkShape(Section section, String file, Csv csv) {
    List<String> header = csv.header();
    if (new HashSet<>(header).size() < header.size() || header.contains("")) {
      section.problem(
          FILE,
          file + " with the columns " + String.join(", ", header),
          "a header line that names each column once",
          "Name them in the first line.");
    }
    if (csv.rows().size() > MAX_ROWS) {
      section.problem(
          FILE,
          file + " with " + csv.rows().size() + " rows",
          "at most " + MAX_ROWS,
          "Send the rows through a pipeline of their own, and name that one.");
    }
    for (int row = 0; row < csv.rows().size(); row++) {
      int values = csv.rows().get(row).size();
      if (values != header.size()) {
        section.problem(
            FILE,
            file + " with " + values + " values in row " + (row + 1),
            header.size() + ", as many as the header has",
            "Correct the row; leave a value empty that is not known.");
        return;
      }
    }
  }

  private static List<String> withNulls(List<String> row) {
    List<String> values = new ArrayList<>();
    row.forEach(value -> values.add(value.isEmpty() ? null : value));
    return Collections.unmodifiableList(values);
  }

  /** A row that is there twice would count what it is joined with twice. */
  private static void checkKey(
      Section section,
      String file,
      List<String> header,
      List<String> key,
      List<List<String>> rows) {
    Map<List<String>, Integer> seen = new HashMap<>();
    for (int row = 0; row < rows.size(); row++) {
      List<String> values = rows.get(row);
      List<String> id = new ArrayList<>();
      key.forEach(column -> id.add(values.get(header.indexOf(column))));
      Integer before = seen.putIfAbsent(id, row);
      if (id.contains(null) || before != null) {
        section.problem(
            FILE,
            id.contains(null)
                ? "%s with no %s in row %d".formatted(file, String.join(", ", key), row + 1)
                : "%s with %s in the rows %d and %d"
                    .formatted(file, String.join(", ", id), before + 1, row + 1),
            "a value of its own in each row for the key " + String.join(", ", key),
            "Correct the row, or name other columns as key.");
        return;
      }
    }
  }
}
