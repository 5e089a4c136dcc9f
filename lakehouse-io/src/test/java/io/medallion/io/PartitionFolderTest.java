package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionFolderTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "/", "é", "日", "\uD83D\uDE00", "%2F", "a:b="})
  void aValueOfAnyLengthIsFittedIntoAName(String unit) {
    for (int times : new int[] {1, 2, 40, 80, 254, 1000}) {
      // Given
      String value = unit.repeat(times);

      // When
      String fitting = PartitionFolder.fitting("_source_system", value);

      // Then
      assertThat(PartitionFolder.bytes("_source_system", fitting))
          .isLessThanOrEqualTo(PartitionFolder.LONGEST);
      if (PartitionFolder.bytes("_source_system", value) <= PartitionFolder.LONGEST) {
        assertThat(fitting).isEqualTo(value);
      } else {
        assertThat(fitting)
            .startsWith(unit.repeat(20 / unit.length()))
            .matches("(?s).*~[0-9a-f]{16}");
        assertThat(Character.isHighSurrogate(fitting.charAt(fitting.indexOf('~') - 1))).isFalse();
      }
    }
  }

  @Test
  void valuesThatBeginAlikeStayApart() {
    assertThat(PartitionFolder.fitting("c", "x".repeat(300)))
        .isNotEqualTo(PartitionFolder.fitting("c", "x".repeat(301)))
        .hasSize(253);
  }
}
