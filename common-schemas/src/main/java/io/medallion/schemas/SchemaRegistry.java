package io.medallion.schemas;

import java.io.Serializable;

/**
 * A schema registry with Confluent's REST interface.
 *
 * @param url an http or https address without a slash at its end; never holds a secret
 * @param user for basic authentication; empty for none
 * @param password the user's; a secret, so never printed
 */
public record SchemaRegistry(String url, String user, String password) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Leaves user and password out. */
  @Override
  public String toString() {
    return "SchemaRegistry[url=" + url + "]";
  }
}
