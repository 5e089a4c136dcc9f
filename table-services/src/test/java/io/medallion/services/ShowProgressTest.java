package io.medallion.services;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ShowProgressTest {
  private final StringWriter err = new StringWriter();

  @Test
  void onATerminalOneLineIsRenewedAndClearedInTheEnd() {
    // When
    try (ShowProgress progress = new ShowProgress(new PrintWriter(err), true, Duration.ZERO)) {
      progress.read("rows of bronze.t", 10_000);
      progress.read("rows of bronze.t", 20_000);
    }

    // Then
    assertThat(err.toString())
        .isEqualTo(
            "\r10,000 rows of bronze.t read\u001b[K\r20,000 rows of bronze.t read\u001b[K\r\u001b[K");
  }

  @Test
  void elsewhereEachIsALine() {
    // When
    try (ShowProgress progress = new ShowProgress(new PrintWriter(err), false, Duration.ZERO)) {
      progress.read("commits", 1_234);
    }

    // Then
    assertThat(err.toString()).isEqualTo("1,234 commits read%n".formatted());
  }

  @Test
  void aShortCommandSaysNothing() {
    // When
    try (ShowProgress progress = new ShowProgress(new PrintWriter(err), true)) {
      progress.read("commits", 1_234);
    }

    // Then
    assertThat(err.toString()).isEmpty();
  }
}
