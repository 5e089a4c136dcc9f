package io.medallion.schemas;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.TreeSet;

/**
 * Every key of {@code pipeline.yaml}, by the mapping that it stands in: what the parser knows, and
 * what {@code docs/configuration.md} shows. Kafka's properties and the names of rules and tables
 * are the pipeline's own.
 */
public enum PipelineKeys {
  ROOT(
      "",
      required(
          "pipeline",
          "name",
          "The pipeline's name; the tables are `bronze.NAME`, `silver.NAME` and `silver.NAME_quarantine`."),
      optional(
          "freshness-objective",
          "duration",
          "1min",
          "How long a record may be in Kafka before readers of gold see it: `30s`, `5 min`, `PT1H`. `medallion status` judges by it."),
      required("source", "mapping", "Where events come from."),
      required("silver", "mapping", "How events become rows."),
      optional(
          "references",
          "mapping",
          "none",
          "Tables beside silver, by the names under which gold queries join them and rules ask them."),
      optional("gold", "mapping", "no tables", "The gold tables by their names.")),

  SOURCE(
      "source",
      required("topics", "list of names", "The Kafka topics, which must exist. No patterns."),
      optional(
          "format",
          ReadFormat.NAMES.stream().map(name -> "`" + name + "`").collect(joining(", ")),
          ReadFormat.JSON,
          "How a payload is read: see [formats](formats.md)."),
      required(
          "contract",
          "file",
          "The Avro record of one event. A field that the event has beyond it is kept in `_rescued_data`."),
      optional(
          "registry",
          "mapping",
          "",
          "The schema registry of `avro-registry`, required there and refused elsewhere."),
      optional(
          "schemas",
          "folder",
          "the contract alone",
          "The schemas that events of `avro-single-object` were written with, as `.avsc` files; the contract"
              + " is always one of them. Refused with another format."),
      optional(
          "source-system",
          "text or mapping",
          "the pipeline's name",
          "What bronze's `_source_system` holds, which is the first level of its partitions: one name for"
              + " all events, or the header that says it."),
      required(
          "kafka",
          "Kafka client properties",
          "How to reach Kafka: `bootstrap.servers` at least, and TLS and SASL where the brokers want them."
              + " `${NAME}` in a value reads the environment variable NAME where the job is planned. Refused,"
              + " because the job sets them: `"
              + String.join("`, `", new TreeSet<>(KafkaProperties.OWNED.keySet()))
              + "`.")),

  REGISTRY(
      "source.registry",
      required(
          "url",
          "http or https address",
          "What `/schemas/ids/ID` is asked of. `${NAME}` reads an environment variable here too."),
      optional("user", "text", "no authentication", "The user of basic authentication: `${NAME}`."),
      optional("password", "text", "", "The user's password: `${NAME}`. Never shown.")),

  SOURCE_SYSTEM(
      "source.source-system",
      required(
          "header",
          "text",
          "The Kafka header whose value is the source system of its record; without one it is `unknown`.")),

  SILVER(
      "silver",
      required(
          "query",
          "file",
          "One SELECT over `bronze`, whose columns are the contract's fields: one row out for one row in."),
      required(
          "key",
          "list of columns",
          "The columns of the SELECT that say which row an event is about. Never null, and fixed for the"
              + " life of the table."),
      optional(
          "partition-by",
          "list of columns",
          "not partitioned",
          "The columns of the SELECT whose values become folders: STRING, INT, BIGINT, or one DATE where the"
              + " key is one column. Fixed for the life of the table."),
      required(
          "order-by",
          "column",
          "The column of the SELECT that says which of two events is newer: TIMESTAMP, BIGINT, INT or DATE,"
              + " never null. Of equal ones the later in Kafka is newer."),
      optional(
          "history",
          "`true`, `false`",
          "false",
          "Keeps a row for each version of a key instead of its newest alone: with `valid_from`, `valid_to` and"
              + " `is_current`, and `valid_from` in the table's key. State grows with every event. Fixed for the"
              + " life of the table."),
      optional(
          "state-lifetime",
          "duration",
          "for ever",
          "How long silver keeps what it knows of a key after its last event, on the clock of the job. Then the"
              + " key's row stays as it is, and what comes for the key goes to quarantine as `state-lifetime`; of"
              + " the state only a mark of the key stays. Not beside `history`."),
      optional(
          "changes",
          "mapping",
          "every event inserts or replaces",
          "Which events correct some fields of a row, and which delete it."),
      optional(
          "expectations", "mapping", "no rules", "Rules by name; the name is shown in quarantine."),
      optional(
          "gates",
          "mapping",
          "none",
          "What must hold of many events together. Where it does not, silver stops before it commits them and"
              + " does not start again by itself; nothing is lost.")),

  CHANGES(
      "silver.changes",
      required(
          "operation",
          "contract field",
          "The string or enum field that tells the kinds of event apart."),
      optional("correction", "mapping", "none", "Events that change some fields of a row."),
      optional("reversal", "mapping", "none", "Events that delete the row.")),

  CORRECTION(
      "silver.changes.correction",
      required("when", "text", "The operation's value for a correction."),
      required(
          "sets",
          "list of contract fields",
          "The fields that a correction may change; one that it leaves out or null stays.")),

  REVERSAL(
      "silver.changes.reversal", required("when", "text", "The operation's value for a reversal.")),

  RULE(
      "silver.expectations.RULE",
      optional(
          "not-null",
          "list of columns",
          "",
          "The columns that must have a value. Corrections are asked for key and order only."),
      optional(
          "column",
          "column",
          "",
          "What `in`, `at-least`, `at-most`, `pattern` and `reference` look at."),
      optional(
          "in",
          "list, or CSV file",
          "",
          "The accepted values, at most "
              + ReadExpectations.MAX_ACCEPTED_VALUES
              + "; of a file the column named as `column`, else its first."),
      optional(
          "at-least",
          "bound",
          "",
          "The smallest accepted value: a number, a date, a UTC time, or `now - 10 d`. `now` is the Kafka"
              + " timestamp of the event."),
      optional(
          "at-most",
          "bound",
          "",
          "The largest accepted value, likewise; may stand beside `at-least`."),
      optional(
          "pattern",
          "regular expression",
          "",
          "What some part of the text must match; anchor it with ^ and $."),
      optional(
          "condition",
          "SQL",
          "",
          "A condition on the columns of the SELECT and `_now`. Null passes, as in every rule."),
      optional(
          "reference",
          "name of `references`",
          "",
          "The table that must have a row with the column's value as its key, which is one column; of a history"
              + " a current one. Of a pipeline what it holds when the event is judged counts."),
      optional(
          "grace",
          "duration",
          "none",
          "With `reference` of a pipeline: for how long events that broke the rule are judged again by themselves"
              + " whenever that table changes. They are in quarantine meanwhile."),
      optional(
          "otherwise",
          "`warn`, `quarantine`, `fail`",
          "quarantine",
          "What an event that breaks the rule does: is counted and goes on, goes to quarantine, or fails the"
              + " job.")),

  GATES(
      "silver.gates",
      optional(
          "quarantined-share", "mapping", "none", "How many of the events may be in quarantine."),
      optional(
          "null-share",
          "mapping",
          "none",
          "In how many of the events that insert or replace a row some columns may be null."),
      optional(
          "event-count",
          "mapping",
          "none",
          "How far the number of events of a commit may be from the mean of those before it. Commits without"
              + " events do not count, and the first one after a restart is not judged.")),

  QUARANTINED_SHARE(
      "silver.gates.quarantined-share",
      required("at-most", "percentage", "The largest share: `20%`."),
      optional(
          "over",
          "number of events",
          ReadGates.EVENTS + " events",
          "So many events at least are judged together: those of one commit or, where that has fewer, of"
              + " several since the last restart.")),

  NULL_SHARE(
      "silver.gates.null-share",
      required("columns", "list of columns", "The columns of the SELECT, each judged by itself."),
      required("at-most", "percentage", "The largest share: `50%`."),
      optional(
          "over",
          "number of events",
          ReadGates.EVENTS + " events",
          "So many events that insert or replace a row are judged together, as above.")),

  EVENT_COUNT(
      "silver.gates.event-count",
      optional(
          "at-least", "percentage", "", "The smallest number of events, in percent of the mean."),
      optional(
          "at-most", "percentage", "", "The largest number of events, in percent of the mean."),
      optional(
          "of",
          "number of commits",
          ReadGates.COMMITS + " commits",
          "The mean of so many commits; nothing is judged before there were as many.")),

  REFERENCE(
      "references.NAME",
      optional(
          "file",
          "CSV file",
          "",
          "A file of the folder with a header line, at most "
              + ReadReferences.MAX_ROWS
              + " rows. All its columns are STRING; an empty value is null. A changed file is a changed query: see"
              + " `version` of gold."),
      optional(
          "key",
          "list of columns",
          "the file's first column",
          "The columns of the file that tell its rows apart."),
      optional(
          "pipeline",
          "folder",
          "",
          "Instead of a file: another pipeline of the same warehouse, whose silver table it is. Gold follows the"
              + " changes of both.")),

  GOLD_TABLE(
      "gold.TABLE",
      required(
          "query",
          "file",
          "One SELECT ... GROUP BY over `silver`, and over `references` if it joins them."),
      required("key", "list of columns", "The columns that the query groups by."),
      optional(
          "version",
          "whole number",
          "1",
          "Count it up with every change of the query, or of a file that it joins. Every commit of the table carries it;"
              + " a job of a later version makes the table anew in its first commit, one of an older version, or of a"
              + " changed query under the old one, does not start."));

  private final String path;

  // A List.of; the checker knows no immutable list of the JDK.
  @SuppressWarnings("ImmutableEnumChecker")
  private final List<Key> keys;

  PipelineKeys(String path, Key... keys) {
    this.path = path;
    this.keys = List.of(keys);
  }

  /** Where the mapping stands, {@code silver.changes}; empty for the file itself. */
  public String path() {
    return path;
  }

  /** The keys in the order in which messages and the page name them. */
  public List<Key> keys() {
    return keys;
  }

  List<String> names() {
    return keys.stream().map(Key::name).toList();
  }

  private static Key required(String name, String type, String effect) {
    return new Key(name, type, "required", effect);
  }

  private static Key optional(String name, String type, String byDefault, String effect) {
    return new Key(name, type, byDefault, effect);
  }

  /**
   * One key.
   *
   * @param name the key itself, without its path
   * @param type what its value is
   * @param byDefault what holds without it, {@code required}, or empty where nothing does
   * @param effect what it does and when to change it, in Markdown
   */
  public record Key(String name, String type, String byDefault, String effect) {}
}
