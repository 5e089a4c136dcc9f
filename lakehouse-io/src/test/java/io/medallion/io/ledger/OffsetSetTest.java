package io.medallion.io.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.io.Span;
import io.medallion.io.ledger.OffsetSet.Ranges;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.longlong.Roaring64Bitmap;

class OffsetSetTest {
  private OffsetSet offsets;

  @BeforeEach
  void nothingYet() {
    offsets = new OffsetSet();
  }

  @Test
  void anEmptySetMissesTheWholeRange() {
    assertThat(ranges(offsets.missing(new Span(3, 6)))).containsExactly(new Span(3, 6));
    assertThat(ranges(offsets.missing(new Span(3, 3)))).isEmpty();
    assertThat(ranges(offsets.outside(new Span(3, 6)))).isEmpty();
    assertThat(offsets.rows()).isZero();
  }

  @Test
  void missingOffsetsAreThoseOfTheRangeOnly() {
    // Given
    add(5, 7);
    add(9, 12);
    add(20, 21);

    // Then
    assertThat(ranges(offsets.missing(new Span(4, 14))))
        .containsExactly(new Span(4, 5), new Span(7, 9), new Span(12, 14));
  }

  @Test
  void offsetsOutsideAreThoseOnBothSides() {
    // Given
    add(5, 12);

    // Then
    assertThat(ranges(offsets.outside(new Span(6, 10))))
        .containsExactly(new Span(5, 6), new Span(10, 12));
    assertThat(ranges(offsets.outside(new Span(6, 6)))).containsExactly(new Span(5, 12));
  }

  @Test
  void anOffsetAddedTwiceInARowIsDoubled() {
    // When
    offsets.add(4);
    offsets.add(4);
    offsets.add(5);

    // Then
    assertThat(ranges(offsets.doubled())).containsExactly(new Span(4, 5));
    assertThat(offsets.rows()).isEqualTo(3);
    assertThat(offsets.distinct()).isEqualTo(2);
  }

  @Test
  void aLongRunThatMeetsAnotherIsDoubledWhereTheyMeet() {
    // When
    add(0, 100);
    add(90, 200);
    add(95, 96);

    // Then
    assertThat(ranges(offsets.doubled())).containsExactly(new Span(90, 100));
    assertThat(offsets.rows()).isEqualTo(211);
    assertThat(offsets.distinct()).isEqualTo(200);
  }

  @Test
  void whatTheOtherLacksIsKnown() {
    // Given
    add(0, 10);
    OffsetSet other = new OffsetSet();
    other.add(3);

    // Then
    assertThat(ranges(offsets.without(other))).containsExactly(new Span(0, 3), new Span(4, 10));
  }

  @Test
  void offsetZeroCounts() {
    // When
    offsets.add(0);

    // Then
    assertThat(offsets.distinct()).isEqualTo(1);
    assertThat(ranges(offsets.missing(new Span(0, 1)))).isEmpty();
  }

  @Test
  void fiftyMillionOffsetsInFileOrderTakeLittleMemory() {
    // Given files of 25,000 contiguous offsets, read in another order than written
    int files = 2_000;
    int size = 25_000;

    // When
    for (int i = 0; i < files; i++) {
      long file = (i * 7919L) % files;
      add(file * size, (file + 1) * size);
    }

    // Then
    assertThat(offsets.rows()).isEqualTo(50_000_000);
    assertThat(offsets.distinct()).isEqualTo(50_000_000);
    assertThat(offsets.sizeInBytes()).isLessThan(64 * 1024);
  }

  @Test
  void offsetsScatteredOverFilesTakeABitEach() {
    // Given ten files that each hold every tenth offset
    for (int file = 0; file < 9; file++) {
      for (long offset = file; offset < 5_000_000; offset += 10) {
        offsets.add(offset);
      }
    }

    // Then
    assertThat(offsets.distinct()).isEqualTo(4_500_000);
    assertThat(offsets.sizeInBytes()).isLessThan(5_000_000 / 8 * 2);
  }

  private void add(long first, long next) {
    for (long offset = first; offset < next; offset++) {
      offsets.add(offset);
    }
  }

  private static List<Span> ranges(Roaring64Bitmap bitmap) {
    List<Span> spans = new ArrayList<>();
    Ranges ranges = new Ranges(bitmap);
    for (var range = ranges.next(); range.isPresent(); range = ranges.next()) {
      spans.add(range.get());
    }
    return spans;
  }
}
