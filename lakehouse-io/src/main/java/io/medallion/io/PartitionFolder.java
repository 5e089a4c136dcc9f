package io.medallion.io;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.hudi.common.util.PartitionPathEncodeUtils;

/**
 * The name of a partition's folder: {@code column=value}, in which what a path may not hold is
 * {@code %XX}. So a value with slashes or dots names no other folder.
 */
public final class PartitionFolder {
  /** In bytes of UTF-8: what file systems allow a name to have. */
  public static final int LONGEST = 255;

  private static final int DIGEST_BYTES = 8;

  private PartitionFolder() {}

  /** Whether no file system would take the name. */
  public static boolean isTooLong(String column, String value) {
    // Most fit even if each character takes three bytes, as it does escaped.
    return (column.length() + 1 + value.length()) * 3 > LONGEST && bytes(column, value) > LONGEST;
  }

  /** How many bytes the name has. */
  public static int bytes(String column, String value) {
    return (column + "=" + PartitionPathEncodeUtils.escapePathName(value))
        .getBytes(StandardCharsets.UTF_8)
        .length;
  }

  /**
   * The value, or the beginning of one that is too long, behind which a digest of the whole tells
   * it from others.
   */
  public static String fitting(String column, String value) {
    if (!isTooLong(column, value)) {
      return value;
    }
    String digest = "~" + digest(value);
    int end = Math.min(value.length(), LONGEST);
    while (bytes(column, value.substring(0, end) + digest) > LONGEST) {
      end = value.offsetByCodePoints(end, -1);
    }
    return value.substring(0, end) + digest;
  }

  private static String digest(String value) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
