package io.medallion.io.ledger;

import io.medallion.io.Span;
import java.util.Optional;
import org.roaringbitmap.longlong.PeekableLongIterator;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * The offsets of one Kafka partition that a table holds, and which of them more than once. Takes
 * them in any order; contiguous ones, which is how files hold them, take next to no memory, and
 * never does an offset take more than about a bit.
 */
final class OffsetSet {
  private static final int RUNS_BETWEEN_COMPRESSIONS = 1 << 20;

  /** Shorter runs are added one by one: cheaper than a bitmap of their own. */
  private static final int SHORT = 32;

  private final Roaring64Bitmap seen = new Roaring64Bitmap();
  private final Roaring64Bitmap doubled = new Roaring64Bitmap();
  private long rows;
  private long runFirst;
  private long runNext;
  private int runs;

  void add(long offset) {
    rows++;
    if (offset != runNext || runFirst == runNext) {
      endRun();
      runFirst = offset;
      runNext = offset;
    }
    runNext++;
  }

  /** How often an offset was added, repetitions counted. */
  long rows() {
    return rows;
  }

  /** How many different offsets there are. */
  long distinct() {
    endRun();
    return seen.getLongCardinality();
  }

  /** Offsets added more than once. */
  Roaring64Bitmap doubled() {
    endRun();
    return doubled;
  }

  /** Offsets of a range that were never added. */
  Roaring64Bitmap missing(Span range) {
    endRun();
    Roaring64Bitmap missing = new Roaring64Bitmap();
    if (range.first() < range.next()) {
      missing.addRange(range.first(), range.next());
    }
    missing.andNot(seen);
    return missing;
  }

  /** Offsets added that are not in a range. */
  Roaring64Bitmap outside(Span range) {
    endRun();
    Roaring64Bitmap outside = seen.clone();
    if (range.first() < range.next()) {
      Roaring64Bitmap inside = new Roaring64Bitmap();
      inside.addRange(range.first(), range.next());
      outside.andNot(inside);
    }
    return outside;
  }

  /** Offsets added here that the other one lacks. */
  Roaring64Bitmap without(OffsetSet other) {
    endRun();
    other.endRun();
    Roaring64Bitmap without = seen.clone();
    without.andNot(other.seen);
    return without;
  }

  long sizeInBytes() {
    endRun();
    seen.runOptimize();
    return seen.getLongSizeInBytes() + doubled.getLongSizeInBytes();
  }

  private void endRun() {
    if (runNext - runFirst <= SHORT) {
      for (long offset = runFirst; offset < runNext; offset++) {
        if (seen.contains(offset)) {
          doubled.addLong(offset);
        } else {
          seen.addLong(offset);
        }
      }
    } else {
      Roaring64Bitmap run = new Roaring64Bitmap();
      run.addRange(runFirst, runNext);
      run.and(seen);
      doubled.or(run);
      seen.addRange(runFirst, runNext);
    }
    runFirst = runNext;
    if (++runs % RUNS_BETWEEN_COMPRESSIONS == 0) {
      seen.runOptimize();
    }
  }

  /** Reads a set of offsets as ranges, in ascending order. */
  static final class Ranges {
    private final PeekableLongIterator offsets;

    Ranges(Roaring64Bitmap offsets) {
      this.offsets = offsets.getLongIterator();
    }

    /** The next range, or empty after the last one. */
    Optional<Span> next() {
      if (!offsets.hasNext()) {
        return Optional.empty();
      }
      long first = offsets.next();
      long next = first + 1;
      while (offsets.hasNext() && offsets.peekNext() == next) {
        offsets.next();
        next++;
      }
      return Optional.of(new Span(first, next));
    }
  }
}
