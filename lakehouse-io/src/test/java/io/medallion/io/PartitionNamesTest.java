package io.medallion.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PartitionNamesTest {
  private final PartitionNames names = new PartitionNames();

  @Test
  void aPartitionIsNamedByItsTopicAndNumber() {
    assertThat(names.of("orders", 0)).isEqualTo("orders-0");
    assertThat(names.of("orders", 200)).isEqualTo("orders-200");
    assertThat(names.of("orders-2", 0)).isEqualTo("orders-2-0");
  }

  @Test
  void aNameIsMadeOnce() {
    assertThat(names.of(new String("orders"), 200)).isSameAs(names.of("orders", 200));
  }
}
