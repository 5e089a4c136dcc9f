package io.medallion.io.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.Commit;
import io.medallion.io.CommitHistory;
import io.medallion.io.Progress;
import io.medallion.io.Span;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class WalkCommitsTest {
  private final Findings findings = new Findings();
  private final List<Consumer<CommitHistory.Visitor>> commits = new ArrayList<>();

  @Test
  void commitsThatContinueEachOtherAreFine() {
    // Given a partition seen later, and one that nothing was taken of
    commit("1", Map.of("t-0", new Span(7, 10)));
    commit("2", Map.of("t-0", new Span(10, 10), "t-1", new Span(100, 120)));
    commit("3", Map.of("t-0", new Span(10, 25), "t-1", new Span(120, 121)));

    // When
    WalkedTable walked = walk(Map.of());

    // Then
    assertThat(findings.all()).isEmpty();
    assertThat(walked.covered())
        .isEqualTo(Map.of("t-0", new Span(7, 25), "t-1", new Span(100, 121)));
    assertThat(walked.ledger()).isEqualTo(new TableLedger("bronze.t", 3, 0, "1", "9", -1));
    assertThat(walked.newest().next("t-0")).isEqualTo(25);
  }

  @Test
  void aCommitOfAnotherVersionBeginsAnew() {
    // Given
    commit("1", Map.of("silver.t", new Span(0, 10)));
    commit("2", Map.of("silver.t", new Span(10, 20)));
    commit("3", 2, Map.of("silver.t", new Span(0, 20)));
    commit("4", 2, Map.of("silver.t", new Span(20, 30)));

    // When
    WalkedTable walked = walk(Map.of());

    // Then
    assertThat(findings.all()).isEmpty();
    assertThat(walked.covered()).isEqualTo(Map.of("silver.t", new Span(0, 30)));
  }

  @Test
  void aCommitOfAnotherVersionThatDoesNotBeginAnewGoesOn() {
    // Given
    commit("1", Map.of("silver.t", new Span(0, 10)));
    commit("2", 2, Map.of("silver.t", new Span(10, 20)));
    commit("3", 3, Map.of("silver.t", new Span(25, 30)));

    // When
    walk(Map.of());

    // Then
    assertThat(examples(Finding.Kind.GAP))
        .containsExactly(
            "Commit 3 of bronze.t took 25 to 30 of silver.t, commit 2 before it 10 to 20: 20 to 25 is in neither.");
  }

  @Test
  void aTableWithoutCommitsCoversNothing() {
    // When
    WalkedTable walked = walk(Map.of());

    // Then
    assertThat(walked.covered()).isEmpty();
    assertThat(walked.ledger().first()).isEmpty();
    assertThat(findings.all()).isEmpty();
  }

  @Test
  void aGapBetweenTwoCommitsIsNamedOnce() {
    // Given
    commit("1", Map.of("t-0", new Span(0, 10)));
    commit("2", Map.of("t-0", new Span(15, 20)));
    commit("3", Map.of("t-0", new Span(20, 22)));

    // When
    WalkedTable walked = walk(Map.of());

    // Then
    assertThat(findings.all())
        .containsExactly(
            new Finding(
                Finding.Kind.GAP,
                1,
                List.of(
                    "Commit 2 of bronze.t took 15 to 20 of t-0, commit 1 before it 0 to 10: 10 to 15 is in neither.")));
    assertThat(walked.covered()).isEqualTo(Map.of("t-0", new Span(0, 22)));
  }

  @Test
  void anEmptySpanElsewhereIsAGapToo() {
    // Given
    commit("1", Map.of("t-0", new Span(0, 10)));
    commit("2", Map.of("t-0", new Span(12, 12)));

    // When
    walk(Map.of());

    // Then
    assertThat(examples(Finding.Kind.GAP))
        .containsExactly(
            "Commit 2 of bronze.t took 12 to 12 of t-0, commit 1 before it 0 to 10: 10 to 12 is in neither.");
  }

  @Test
  void anOverlapOfTwoCommitsIsNamedOnce() {
    // Given
    commit("1", Map.of("t-0", new Span(0, 10)));
    commit("2", Map.of("t-0", new Span(8, 20)));
    commit("3", Map.of("t-0", new Span(20, 22)));

    // When
    walk(Map.of());

    // Then
    assertThat(findings.all())
        .containsExactly(
            new Finding(
                Finding.Kind.OVERLAP,
                1,
                List.of(
                    "Commit 2 of bronze.t took 8 to 20 of t-0, commit 1 before it 0 to 10: 8 to 10 is in both.")));
  }

  @Test
  void aCommitWithinTheOneBeforeDoesNotTakeThePositionBack() {
    // Given
    commit("1", Map.of("t-0", new Span(0, 10)));
    commit("2", Map.of("t-0", new Span(4, 6)));
    commit("3", Map.of("t-0", new Span(10, 12)));

    // When
    walk(Map.of());

    // Then
    assertThat(findings.all())
        .containsExactly(
            new Finding(
                Finding.Kind.OVERLAP,
                1,
                List.of(
                    "Commit 2 of bronze.t took 4 to 6 of t-0, commit 1 before it 0 to 10: 4 to 6 is in both.")));
  }

  @Test
  void aLaterCommitWithTheEarlierPartIsOutOfOrder() {
    // Given
    commit("1", Map.of("t-0", new Span(10, 20)));
    commit("2", Map.of("t-0", new Span(0, 10)));
    commit("3", Map.of("t-0", new Span(20, 30)));

    // When
    WalkedTable walked = walk(Map.of());

    // Then
    assertThat(findings.all())
        .containsExactly(
            new Finding(
                Finding.Kind.ORDER,
                1,
                List.of(
                    "Commit 2 of bronze.t took 0 to 10 of t-0, commit 1 before it 10 to 20: the later commit holds the earlier part.")));
    assertThat(walked.covered()).isEqualTo(Map.of("t-0", new Span(0, 30)));
  }

  @Test
  void anInputThatLaterCommitsDoNotNameIsLostOnce() {
    // Given
    commit("1", Map.of("t-0", new Span(0, 10), "t-1", new Span(0, 3)));
    commit("2", Map.of("t-0", new Span(10, 20)));
    commit("3", Map.of("t-0", new Span(20, 30)));
    commit("4", Map.of("t-0", new Span(30, 30), "t-1", new Span(3, 4)));

    // When
    walk(Map.of());

    // Then
    assertThat(findings.all())
        .containsExactly(
            new Finding(
                Finding.Kind.POSITION_LOST,
                1,
                List.of("Commit 2 of bronze.t has no position of t-1, which commit 1 has.")));
  }

  @Test
  void oneForeignCommitIsNamed() {
    // Given
    commit("1", Map.of("t-0", new Span(0, 10)));
    foreign("2");
    commit("3", Map.of("t-0", new Span(10, 20)));

    // When
    WalkedTable walked = walk(Map.of());

    // Then
    assertThat(findings.all())
        .containsExactly(
            new Finding(
                Finding.Kind.NO_POSITION, 1, List.of("Commit 2 of bronze.t carries no position.")));
    assertThat(walked.ledger()).isEqualTo(new TableLedger("bronze.t", 2, 1, "1", "9", -1));
  }

  @Test
  void severalForeignCommitsAreOneLine() {
    // Given
    foreign("1");
    foreign("2");
    foreign("3");

    // When
    walk(Map.of());

    // Then
    assertThat(findings.all())
        .containsExactly(
            new Finding(
                Finding.Kind.NO_POSITION,
                1,
                List.of("3 commits of bronze.t carry no position, the first is 1, the last 3.")));
  }

  @Test
  void whatAReaderHasReadUpToMustBeACommit() {
    // Given
    commit("5", Map.of("t-0", new Span(0, 10)));
    foreign("6");

    // When
    walk(Map.of(5L, "silver.t", 6L, "silver.t_quarantine", 7L, "silver.u"));

    // Then
    assertThat(examples(Finding.Kind.UNKNOWN_INPUT))
        .containsExactly("silver.u has read bronze.t up to 7, which is no commit of it.");
  }

  @Test
  void twentyOfAKindAreNamedAndAllAreCounted() {
    // Given
    for (long i = 0; i < 26; i++) {
      commit(String.valueOf(i), Map.of("t-0", new Span(10 * i, 10 * i + 5)));
    }

    // When
    walk(Map.of());

    // Then
    assertThat(findings.all()).hasSize(1);
    assertThat(findings.all().get(0).count()).isEqualTo(25);
    assertThat(findings.all().get(0).examples())
        .hasSize(20)
        .startsWith(
            "Commit 1 of bronze.t took 10 to 15 of t-0, commit 0 before it 0 to 5: 5 to 10 is in neither.");
  }

  private void commit(String instant, Map<String, Span> position) {
    commit(instant, 1, position);
  }

  private void commit(String instant, int version, Map<String, Span> position) {
    Progress progress = Lake.progress(position, Map.of(), Map.of());
    commits.add(
        visitor ->
            visitor.commit(
                new Commit(
                    instant,
                    Instant.EPOCH,
                    Instant.EPOCH,
                    1,
                    "t",
                    "bronze",
                    "job",
                    version,
                    "",
                    Duration.ZERO,
                    progress)));
  }

  private void foreign(String instant) {
    commits.add(visitor -> visitor.foreign(instant));
  }

  private WalkedTable walk(Map<Long, String> readUpTo) {
    return WalkCommits.walk(
        "bronze.t",
        "9",
        visitor -> commits.forEach(commit -> commit.accept(visitor)),
        readUpTo,
        findings);
  }

  private List<String> examples(Finding.Kind kind) {
    return findings.all().stream()
        .filter(finding -> finding.kind() == kind)
        .flatMap(finding -> finding.examples().stream())
        .toList();
  }
}
