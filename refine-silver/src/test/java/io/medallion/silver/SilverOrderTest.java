package io.medallion.silver;

import static org.assertj.core.api.Assertions.assertThat;

import io.medallion.schemas.Changes;
import io.medallion.schemas.SilverDefinition;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.DateType;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.TimestampType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SilverOrderTest {
  static Stream<Arguments> values() {
    return Stream.of(
        Arguments.of(new IntType(), -7, -7L),
        Arguments.of(new DateType(), 19_675, 19_675L),
        Arguments.of(new BigIntType(), Long.MAX_VALUE, Long.MAX_VALUE),
        Arguments.of(
            new TimestampType(3),
            TimestampData.fromEpochMillis(1_700_000_000_123L),
            1_700_000_000_123_000L),
        Arguments.of(new TimestampType(6), TimestampData.fromEpochMillis(-1, 999_000), -1L));
  }

  @ParameterizedTest
  @MethodSource("values")
  void aValueOfTheOrderColumnIsANumberAndBack(LogicalType type, Object value, long number) {
    SilverOrder order =
        new SilverOrder(
            new SilverDefinition(
                "",
                RowType.of(type),
                List.of(),
                List.of(),
                "f0",
                true,
                Duration.ZERO,
                Changes.NONE,
                List.of(),
                List.of(),
                List.of()));

    assertThat(order.of(GenericRowData.of(value))).isEqualTo(number);
    assertThat(order.value(number)).isEqualTo(value);
  }
}
