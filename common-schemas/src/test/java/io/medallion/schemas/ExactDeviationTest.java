package io.medallion.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.schemas.ExactDeviation.Sums;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExactDeviationTest {
  private static final ExactDeviation STDDEV_SAMP = new ExactDeviation(true, true);
  private static final ExactDeviation STDDEV_POP = new ExactDeviation(false, true);
  private static final ExactDeviation VAR_SAMP = new ExactDeviation(true, false);
  private static final ExactDeviation VAR_POP = new ExactDeviation(false, false);

  @Test
  void decimalsThatDifferInTheirLastDigitHaveADeviation() {
    Sums sums = sums(new BigDecimal("1.0001"), new BigDecimal("1.0002"));

    assertThat(STDDEV_SAMP.getValue(sums)).isEqualTo(new BigDecimal("0.000071"));
    assertThat(STDDEV_POP.getValue(sums)).isEqualTo(new BigDecimal("0.000050"));
    assertThat(VAR_SAMP.getValue(sums)).isEqualTo(new BigDecimal("0.000000"));
  }

  @Test
  void aDecimalsScaleIsKeptWhereItIsMoreThanSix() {
    Sums sums = sums(new BigDecimal("1.00000001"), new BigDecimal("1.00000003"));

    assertThat(STDDEV_SAMP.getValue(sums)).isEqualTo(new BigDecimal("0.00000001"));
  }

  @Test
  void largeDecimalsThatDifferLittleHaveThatVariance() {
    Sums sums =
        sums(
            new BigDecimal("9999999999999999.99"),
            new BigDecimal("9999999999999999.98"),
            new BigDecimal("9999999999999999.97"));

    assertThat(VAR_SAMP.getValue(sums)).isEqualTo(new BigDecimal("0.000100"));
    assertThat(VAR_POP.getValue(sums)).isEqualTo(new BigDecimal("0.000067"));
  }

  @Test
  void oneValueHasNoDeviationOfASampleAndNoneHasAny() {
    assertThat(STDDEV_SAMP.getValue(sums(BigDecimal.TEN))).isNull();
    assertThat(STDDEV_POP.getValue(sums(BigDecimal.TEN))).isEqualTo(new BigDecimal("0.000000"));
    assertThat(STDDEV_POP.getValue(sums())).isNull();
    assertThat(STDDEV_POP.getValue(sums((Object) null))).isNull();
  }

  @Test
  void theResultIsOfTheTypeOfTheValues() {
    assertThat(VAR_SAMP.getValue(sums(1, 4))).isEqualTo(5);
    assertThat(VAR_SAMP.getValue(sums(1L, 4L))).isEqualTo(5L);
    assertThat(VAR_SAMP.getValue(sums((short) 1, (short) 4))).isEqualTo((short) 5);
    assertThat(VAR_SAMP.getValue(sums((byte) 1, (byte) 4))).isEqualTo((byte) 5);
    assertThat(VAR_SAMP.getValue(sums(1.0, 4.0))).isEqualTo(4.5);
    assertThat(VAR_SAMP.getValue(sums(1f, 4f))).isEqualTo(4.5f);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void aValueThatIsNoNumberIsForgottenWhenItGoes(double odd) {
    Sums sums = sums(1.0, odd, 4.0);
    assertThat(VAR_SAMP.getValue(sums)).isEqualTo(Double.NaN);

    VAR_SAMP.retract(sums, odd);

    assertThat(VAR_SAMP.getValue(sums)).isEqualTo(4.5);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void neitherOrderNorWhatHasGoneNorPartsChangeTheResultOfDoubles(long seed) {
    // Given
    Random random = new Random(seed);
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      values.add(random.nextGaussian() * Math.pow(10, random.nextInt(30) - 15));
    }
    Object expected = STDDEV_SAMP.getValue(sums(values.toArray()));

    // When
    Collections.shuffle(values, random);
    Sums first = sums(values.subList(0, 30).toArray());
    Sums rest = sums(values.subList(30, 100).toArray());
    for (double gone : new double[] {1e300, 1e-300, 0.1}) {
      STDDEV_SAMP.accumulate(rest, gone);
    }
    STDDEV_SAMP.merge(first, List.of(rest));
    for (double gone : new double[] {0.1, 1e300, 1e-300}) {
      STDDEV_SAMP.retract(first, gone);
    }

    // Then
    assertThat(STDDEV_SAMP.getValue(first)).isEqualTo(expected);
  }

  private static Sums sums(Object... values) {
    Sums sums = STDDEV_SAMP.createAccumulator();
    for (Object value : values) {
      STDDEV_SAMP.accumulate(sums, value);
    }
    return sums;
  }
}
