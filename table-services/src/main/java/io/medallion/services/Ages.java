package io.medallion.services;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** How old something is, and that in words. */
public final class Ages {
  private static final long TENTHS_BELOW_S = 100;
  private static final long SECONDS_BELOW = 600;
  private static final long MINUTES_BELOW = 100;
  private static final long HOURS_BELOW = 48;

  private Ages() {}

  /** From a time until now; zero where clocks differ and it is still to come. */
  public static Duration since(Instant time, Instant now) {
    return time.isAfter(now) ? Duration.ZERO : Duration.between(time, now);
  }

  /** {@code 4.2 s}, {@code 292 s}, {@code 12 min}, {@code 30 h}, {@code 12 d}. */
  public static String of(Duration age) {
    if (age.toSeconds() < TENTHS_BELOW_S) {
      return String.format(Locale.ROOT, "%.1f s", age.toMillis() / 1e3);
    }
    if (age.toSeconds() < SECONDS_BELOW) {
      return age.toSeconds() + " s";
    }
    if (age.toMinutes() < MINUTES_BELOW) {
      return age.toMinutes() + " min";
    }
    return age.toHours() < HOURS_BELOW
        ? age.toHours() + " h"
        : String.format(Locale.ROOT, "%,d d", age.toDays());
  }
}
