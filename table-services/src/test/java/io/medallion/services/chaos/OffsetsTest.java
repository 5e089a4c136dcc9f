package io.medallion.services.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OffsetsTest {
  /** Offset 3 is a marker of a transaction: no record. */
  private static final Map<String, BitSet> KAFKA = Map.of("t-0", bits(0, 1, 2, 4, 5));

  @Test
  void aSnapshotThatEndsAtItsCommitDiffersInNothing() {
    Offsets table = offsets(0, 1, 2, 4);

    assertThat(Offsets.count(table.missing(KAFKA, Map.of("t-0", 5L)))).isZero();
    assertThat(Offsets.count(table.surplus(KAFKA, Map.of("t-0", 5L)))).isZero();
    assertThat(table.doubled()).isEmpty();
  }

  @Test
  void aRecordThatIsNotThereIsMissingOnlyBelowTheCommit() {
    Offsets table = offsets(0, 2);

    assertThat(table.missing(KAFKA, Map.of("t-0", 3L))).isEqualTo(Map.of("t-0", bits(1)));
  }

  @Test
  void aRecordThatIsThereTwiceIsDoubledOnce() {
    Offsets table = offsets(0, 1, 1, 1);

    assertThat(table.doubled()).isEqualTo(Map.of("t-0", bits(1)));
  }

  @Test
  void whatIsBeyondTheCommitOrNoRecordIsSurplus() {
    Offsets table = offsets(0, 1, 2, 3, 4);

    assertThat(table.surplus(KAFKA, Map.of("t-0", 4L))).isEqualTo(Map.of("t-0", bits(3, 4)));
  }

  @Test
  void aPartitionThatTheCommitDoesNotKnowIsSurplusAltogether() {
    assertThat(offsets(0).surplus(KAFKA, Map.of())).isEqualTo(Map.of("t-0", bits(0)));
  }

  @Test
  void whatIsKnownIsNotNews() {
    Map<String, BitSet> missing = offsets(0).missing(KAFKA, Map.of("t-0", 3L));

    assertThat(Offsets.without(missing, Map.of("t-0", bits(1)))).isEqualTo(1);
    assertThat(missing).isEqualTo(Map.of("t-0", bits(2)));
  }

  private static Offsets offsets(int... offsets) {
    Offsets table = new Offsets();
    for (int offset : offsets) {
      table.add("t-0", offset);
    }
    return table;
  }

  private static BitSet bits(int... offsets) {
    BitSet bits = new BitSet();
    for (int offset : offsets) {
      bits.set(offset);
    }
    return bits;
  }
}
