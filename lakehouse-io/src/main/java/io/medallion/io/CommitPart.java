package io.medallion.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.types.Row;
import org.apache.flink.util.InstantiationUtil;
import org.apache.flink.util.OutputTag;
import org.apache.hudi.client.WriteStatus;

/**
 * What flows to a table's {@link CollectCommits} just before each barrier: the files that a writer
 * has closed, or what an operator has counted. As a row, so that Flink's own serializers carry it:
 *
 * <pre>
 * ROW&lt;instant STRING, files BYTES, progress STRING&gt;   files: Java serialization; progress: JSON
 * </pre>
 */
final class CommitPart {
  static final TypeInformation<Row> TYPE =
      Types.ROW_NAMED(
          new String[] {"instant", "files", "progress"},
          Types.STRING,
          PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
          Types.STRING);

  /** The side output of all operators that count. */
  static final OutputTag<Row> REPORTS = new OutputTag<>("reports", TYPE);

  private static final ObjectMapper JSON = new ObjectMapper();

  private CommitPart() {}

  /** The files of one writer. */
  static Row files(String instant, List<WriteStatus> files) {
    return Row.of(instant, serialize(files), null);
  }

  /** The counts of one operator. */
  static Row report(Progress progress) {
    try {
      return Row.of(null, null, JSON.writeValueAsString(progress));
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  static boolean hasFiles(Row part) {
    return part.getField(0) != null;
  }

  static String instant(Row part) {
    return part.getFieldAs(0);
  }

  static byte[] files(Row part) {
    return part.getFieldAs(1);
  }

  static Progress progress(Row part) {
    try {
      return JSON.readValue(part.<String>getFieldAs(2), Progress.class);
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** The files that {@link #files(Row)} or {@link #serialize} holds. */
  static List<WriteStatus> statuses(byte[] files) {
    try {
      return InstantiationUtil.deserializeObject(files, CommitPart.class.getClassLoader());
    } catch (IOException | ClassNotFoundException failure) {
      throw new IllegalStateException("Could not read what a writer has written", failure);
    }
  }

  /** What {@link #statuses} reads. */
  static byte[] serialize(List<WriteStatus> files) {
    try {
      return InstantiationUtil.serializeObject(new ArrayList<>(files));
    } catch (IOException impossible) {
      throw new UncheckedIOException("Could not serialize what was written", impossible);
    }
  }
}
