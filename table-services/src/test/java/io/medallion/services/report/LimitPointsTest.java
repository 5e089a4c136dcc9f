package io.medallion.services.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.services.report.Plot.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitPointsTest {
  @Test
  void asManyAsAReaderSeesStayAsTheyAre() {
    List<Point> points = sawTeeth(LimitPoints.MOST);

    assertThat(LimitPoints.of(points)).isSameAs(points);
  }

  @Test
  void ofMoreTheLowestAndTheHighestOfEachPartStay() {
    // Given a peak and a trough that are points of their own
    List<Point> points = sawTeeth(100_000);
    points.set(40_001, new Point(40_001, 999));
    points.set(70_001, new Point(70_001, -1));

    // When
    List<Point> kept = LimitPoints.of(points);

    // Then
    assertThat(kept)
        .hasSize(LimitPoints.MOST)
        .contains(new Point(40_001, 999), new Point(70_001, -1))
        .isSubsetOf(points)
        .isSortedAccordingTo(Comparator.comparingLong(Point::x));
  }

  @Test
  void wherePointsAreAllOfOneTimeTwoAreLeft() {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      points.add(new Point(7, i));
    }

    assertThat(LimitPoints.of(points)).containsExactly(new Point(7, 0), new Point(7, 999));
  }

  private static List<Point> sawTeeth(int count) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      points.add(new Point(i, i % 10));
    }
    return points;
  }
}
