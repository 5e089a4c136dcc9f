package io.medallion.io.ledger;

import io.medallion.io.Commit;
import io.medallion.io.CommitHistory;
import io.medallion.io.Progress;
import io.medallion.io.Span;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Walks all commits of a table in the order of their instants and checks that each continues the
 * one before it: per input, where one left off the next goes on.
 */
final class WalkCommits implements CommitHistory.Visitor {
  /** No version of a definition. */
  private static final int NONE = 0;

  private final String table;
  private final Findings findings;

  /** Instants that readers of the table name as theirs, until they are met. */
  private final Map<Long, String> readUpTo;

  private final Map<String, Held> held = new TreeMap<>();
  private final Map<String, Span> covered = new TreeMap<>();
  private final Set<String> lost = new TreeSet<>();
  private long commits;
  private long foreign;
  private String firstForeign = "";
  private String lastForeign = "";
  private String first = "";
  private int version = NONE;
  private Progress newest = Progress.NONE;

  /** What a commit took last of an input. */
  private record Held(String instant, Span span) {}

  private WalkCommits(String table, Map<Long, String> readUpTo, Findings findings) {
    this.table = table;
    this.readUpTo = new TreeMap<>(readUpTo);
    this.findings = findings;
  }

  /**
   * @param newest the newest commit's instant, empty when there is none
   * @param commits shows all commits of the table, oldest first
   * @param readUpTo for each instant that a table downstream has read up to, that table's name
   */
  static WalkedTable walk(
      String table,
      String newest,
      Consumer<CommitHistory.Visitor> commits,
      Map<Long, String> readUpTo,
      Findings findings) {
    WalkCommits walk = new WalkCommits(table, readUpTo, findings);
    commits.accept(walk);
    return walk.end(newest);
  }

  @Override
  public void commit(Commit commit) {
    met(commit.instant());
    commits++;
    if (commit.version() != version && version != NONE) {
      beginAnew(commit);
    }
    version = commit.version();
    Map<String, Span> position = commit.progress().position();
    for (String input : held.keySet()) {
      if (!position.containsKey(input) && lost.add(input)) {
        findings.add(
            Finding.Kind.POSITION_LOST,
            "Commit %s of %s has no position of %s, which commit %s has."
                .formatted(commit.instant(), table, input, held.get(input).instant()));
      }
    }
    position.forEach((input, span) -> continues(commit.instant(), input, span));
    newest = commit.progress();
  }

  @Override
  public void foreign(String instant) {
    met(instant);
    if (foreign++ == 0) {
      firstForeign = instant;
    }
    lastForeign = instant;
  }

  /** A commit of another version may replace all rows, and has read its inputs from the start. */
  private void beginAnew(Commit commit) {
    commit
        .progress()
        .position()
        .forEach(
            (input, span) -> {
              if (span.first() == Span.START) {
                held.remove(input);
                covered.remove(input);
              }
            });
  }

  private void met(String instant) {
    if (first.isEmpty()) {
      first = instant;
    }
    readUpTo.remove(Long.valueOf(instant));
  }

  private void continues(String instant, String input, Span span) {
    lost.remove(input);
    Held before = held.get(input);
    if (before == null) {
      held.put(input, new Held(instant, span));
      covered.put(input, span);
      return;
    }
    Break off = Break.between(before.span(), span);
    if (off != Break.NONE) {
      findings.add(
          off.kind(),
          "Commit %s of %s took %s of %s, commit %s before it %s: %s."
              .formatted(
                  instant,
                  table,
                  text(span),
                  input,
                  before.instant(),
                  text(before.span()),
                  off.words(before.span(), span)));
    }
    if (span.next() >= before.span().next()) {
      held.put(input, new Held(instant, span));
    }
    Span all = covered.get(input);
    covered.put(
        input, new Span(Math.min(all.first(), span.first()), Math.max(all.next(), span.next())));
  }

  private WalkedTable end(String asOf) {
    if (foreign == 1) {
      findings.add(
          Finding.Kind.NO_POSITION,
          "Commit %s of %s carries no position.".formatted(firstForeign, table));
    } else if (foreign > 1) {
      findings.add(
          Finding.Kind.NO_POSITION,
          "%,d commits of %s carry no position, the first is %s, the last %s."
              .formatted(foreign, table, firstForeign, lastForeign));
    }
    readUpTo.forEach(
        (instant, reader) ->
            findings.add(
                Finding.Kind.UNKNOWN_INPUT,
                "%s has read %s up to %d, which is no commit of it."
                    .formatted(reader, table, instant)));
    return new WalkedTable(
        new TableLedger(table, commits, foreign, first, asOf, TableLedger.NOT_COUNTED),
        covered,
        newest);
  }

  private static String text(Span span) {
    return "%d to %d".formatted(span.first(), span.next());
  }

  /** How a commit may not continue the one before it. */
  private enum Break {
    NONE,
    GAP,
    OVERLAP,
    ORDER;

    static Break between(Span before, Span span) {
      if (span.first() == before.next()) {
        return NONE;
      }
      if (span.first() > before.next()) {
        return GAP;
      }
      return span.next() <= before.first() ? ORDER : OVERLAP;
    }

    Finding.Kind kind() {
      return Finding.Kind.valueOf(name());
    }

    String words(Span before, Span span) {
      return switch (this) {
        case NONE -> "";
        case GAP -> text(new Span(before.next(), span.first())) + " is in neither";
        case OVERLAP ->
            text(new Span(span.first(), Math.min(before.next(), span.next()))) + " is in both";
        case ORDER -> "the later commit holds the earlier part";
      };
    }
  }
}
