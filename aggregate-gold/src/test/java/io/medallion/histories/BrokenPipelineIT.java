package io.medallion.histories;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.silver.SilverStreams.Meeting;
import io.medallion.testing.LocalFlink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.annotation.Nullable;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Breaks one thing between the operators on purpose; the comparison with the model names it. */
class BrokenPipelineIT {
  private static final int HISTORIES = 40;
  private static final long SEED = 1;
  private static final int CHECKPOINTS = 8;

  @TempDir static Path folder;
  private static LocalFlink flink;

  private final List<Sent> sent = new DrawHistories(SEED, HISTORIES, 1).draw().get(0);

  @BeforeAll
  static void startFlink() {
    flink = new LocalFlink(folder, 1);
  }

  @AfterAll
  static void stopFlink() throws Exception {
    flink.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"UPDATE_BEFORE", "DELETE"})
  void oneRetractionThatGoldDoesNotSeeLeavesAGroupWithOneRecordTooMany(RowKind kind)
      throws Exception {
    // When
    Held found = run(new Mutation(meeting -> meeting, new LoseFirst(kind)));

    // Then
    List<Difference> differences = NaiveTables.of(sent).differences(found);
    assertThat(differences).extracting(Difference::table).contains(Held.BY_DAY);
    assertThat(differences)
        .extracting(Difference::table)
        .isSubsetOf(Held.BY_DAY, Held.BY_NOTE, Held.BY_PAIR);
    assertThat(histories(differences)).hasSize(1);
    assertThat(records(found)).isEqualTo(found.table(Held.SILVER).size() + 1L);
  }

  @Test
  void twoEventsInEachOthersPlaceGiveTheRowThatTheyGiveInThatOrder() throws Exception {
    // Given two events of a key that give another record when they change places
    List<Sent> pair = pairWhoseOrderMatters();
    Sent one = pair.get(0);
    Sent other = pair.get(1);
    String id = one.said().id();

    // When
    Held found =
        run(
            new Mutation(
                meeting ->
                    isOf(meeting, one)
                        ? withOrder(meeting, other)
                        : isOf(meeting, other) ? withOrder(meeting, one) : meeting,
                change -> true));

    // Then
    assertFoundInSilver(id, found);
    assertThat(found.table(Held.SILVER).get(id))
        .isEqualTo(row(inEachOthersPlace(NaiveTables.byKey(sent).get(id), one, other)));
  }

  @Test
  void aReversalThatIsForgottenLetsALateOlderInsertResurrectTheRecord() throws Exception {
    // Given a reversed key and its events that come after the reversal, an insert among them
    String id = keyWithALateInsert();
    List<Sent> late = readAfterReversal(id);
    Set<String> places = late.stream().map(Sent::place).collect(Collectors.toSet());

    // When they find a key that knows of nothing
    Held found =
        run(
            new Mutation(
                meeting ->
                    places.contains(Sent.place(meeting.partition(), meeting.offset()))
                        ? new Meeting(
                            meeting.key() + " forgotten",
                            meeting.order(),
                            meeting.partition(),
                            meeting.offset())
                        : meeting,
                change -> true));

    // Then
    assertFoundInSilver(id, found);
    assertThat(found.table(Held.SILVER).get(id))
        .isNotNull()
        .isEqualTo(row(NaiveTables.byKey(late).get(id)));
  }

  private Held run(Mutation mutation) throws Exception {
    RunHistories run = new RunHistories(flink, folder, List.of(sent), CHECKPOINTS, mutation);
    PlannedFailures.plan(List.of());
    JobID job = run.start(1);
    run.awaitCommitted(1);
    run.stop(job);
    return run.held();
  }

  /** In silver nothing but this row differs, and in gold only its history. */
  private void assertFoundInSilver(String id, Held found) {
    List<Difference> differences = NaiveTables.of(sent).differences(found);
    assertThat(differences)
        .filteredOn(difference -> difference.table().equals(Held.SILVER))
        .extracting(Difference::key)
        .containsExactly(id);
    assertThat(histories(differences)).hasSize(1);
  }

  private Set<Integer> histories(List<Difference> differences) {
    Set<Integer> histories = new TreeSet<>();
    for (Difference difference : differences) {
      sent.stream()
          .filter(difference::isOf)
          .forEach(event -> histories.add(event.said().history()));
    }
    return histories;
  }

  private static long records(Held found) {
    return found.table(Held.BY_DAY).values().stream()
        .mapToLong(group -> group.<Long>getFieldAs(3))
        .sum();
  }

  private List<Sent> pairWhoseOrderMatters() {
    for (List<Sent> ofKey : NaiveTables.byKey(sent).values()) {
      for (Sent one : ofKey) {
        for (Sent other : ofKey) {
          Row swapped = row(inEachOthersPlace(ofKey, one, other));
          if (row(ofKey) != null && swapped != null && !swapped.equals(row(ofKey))) {
            return List.of(one, other);
          }
        }
      }
    }
    throw new AssertionError("No order matters in the histories of seed " + SEED);
  }

  private static List<Sent> inEachOthersPlace(List<Sent> ofKey, Sent one, Sent other) {
    List<Sent> sorted = new ArrayList<>(ofKey);
    sorted.sort(
        Comparator.<Sent>comparingLong(
                event ->
                    (event.equals(one) ? other : event.equals(other) ? one : event).said().at())
            .thenComparingInt(Sent::partition)
            .thenComparingLong(Sent::offset));
    return sorted;
  }

  private String keyWithALateInsert() {
    return NaiveTables.byKey(sent).keySet().stream()
        .filter(id -> row(NaiveTables.byKey(sent).get(id)) == null)
        .filter(
            id -> row(NaiveTables.byKey(readAfterReversal(id)).getOrDefault(id, List.of())) != null)
        .findFirst()
        .orElseThrow();
  }

  /** What is read of a key after its newest event, if that is a reversal. */
  private List<Sent> readAfterReversal(String id) {
    List<Sent> ofKey = NaiveTables.byKey(sent).get(id);
    Sent newest = ofKey.get(ofKey.size() - 1);
    if (newest.said().kind() != Said.Kind.REVERSAL) {
      return List.of();
    }
    return sent.subList(sent.indexOf(newest) + 1, sent.size()).stream()
        .filter(event -> event.said().id().equals(id))
        .toList();
  }

  @Nullable
  private static Row row(List<Sent> inOrder) {
    NaiveTables.NaiveRecord record = NaiveTables.record(inOrder);
    return record == null ? null : record.silver();
  }

  private static boolean isOf(Meeting meeting, Sent event) {
    return meeting.partition() == event.partition() && meeting.offset() == event.offset();
  }

  private static Meeting withOrder(Meeting meeting, Sent of) {
    return new Meeting(
        meeting.key(), of.said().at() * 1_000, meeting.partition(), meeting.offset());
  }

  /** Takes out the first change of a kind. */
  private static final class LoseFirst implements FilterFunction<RowData> {
    private static final long serialVersionUID = 1L;

    private final RowKind kind;
    private boolean lost;

    LoseFirst(RowKind kind) {
      this.kind = kind;
    }

    @Override
    public boolean filter(RowData change) {
      if (lost || change.getRowKind() != kind) {
        return true;
      }
      lost = true;
      return false;
    }
  }
}
