package io.medallion.schemas;

import java.util.Locale;

/** The layers of the lakehouse; each is a database of the catalog. */
public enum Layer {
  BRONZE,
  SILVER,
  GOLD;

  /** The database's name. */
  public String database() {
    return name().toLowerCase(Locale.ROOT);
  }
}
