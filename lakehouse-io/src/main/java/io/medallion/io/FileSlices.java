package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.flink.api.common.io.InputFormat;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.io.InputSplit;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.InstantiationUtil;
import org.apache.hadoop.fs.Path;
import org.apache.hudi.common.model.HoodieAvroRecord;
import org.apache.hudi.common.model.HoodieOperation;
import org.apache.hudi.common.model.HoodieRecord;
import org.apache.hudi.common.model.HoodieRecord.HoodieRecordType;
import org.apache.hudi.common.table.log.HoodieMergedLogRecordScanner;
import org.apache.hudi.common.util.Option;
import org.apache.hudi.common.util.collection.ClosableIterator;
import org.apache.hudi.internal.schema.InternalSchema;
import org.apache.hudi.io.storage.HoodieFileReader;
import org.apache.hudi.io.storage.HoodieFileReaderFactory;
import org.apache.hudi.org.apache.avro.JsonProperties;
import org.apache.hudi.org.apache.avro.Schema;
import org.apache.hudi.org.apache.avro.generic.IndexedRecord;
import org.apache.hudi.table.HoodieTableSource;
import org.apache.hudi.table.format.FormatUtils;
import org.apache.hudi.table.format.mor.MergeOnReadInputSplit;
import org.apache.hudi.util.AvroToRowDataConverters;
import org.apache.hudi.util.AvroToRowDataConverters.AvroToRowDataConverter;

/**
 * The file slices of a table, as of one of its commits or now: listed in one task, read in others.
 *
 * <p>Base files are read through Avro, as logs are: so each row is to the last field what its
 * changes say of it, and what is taken from it later leaves nothing. Hudi's own format takes
 * partition columns from the folder's name, which has no empty text, an empty array for one of a
 * null, and no TINYINT.
 */
final class FileSlices {
  private static final List<String> META =
      List.of(
          HoodieRecord.OPERATION_METADATA_FIELD,
          HoodieRecord.RECORD_KEY_METADATA_FIELD,
          HoodieRecord.PARTITION_PATH_METADATA_FIELD);

  private static final String NOW = "now";
  private static final Properties NO_PROPERTIES = new Properties();

  private final Configuration conf;
  private final Schema schema;
  private final AvroToRowDataConverter columns;
  private final int operation;
  private final int key;
  private final org.apache.hadoop.conf.Configuration hadoop = HudiTable.hadoop();

  /**
   * @param conf {@link HudiTable#reading}
   */
  FileSlices(TableDefinition table, Configuration conf) {
    this.conf = conf;
    schema = withMeta(HudiTable.avroSchema(conf), META);
    columns = AvroToRowDataConverters.createRowConverter(table.columns());
    operation = schema.getField(HoodieRecord.OPERATION_METADATA_FIELD).pos();
    key = schema.getField(HoodieRecord.RECORD_KEY_METADATA_FIELD).pos();
  }

  /** Lists those of a table as it is. */
  static List<CommittedFile> now(HudiTable table) throws IOException {
    return list(table.snapshot(), NOW);
  }

  /**
   * Lists them.
   *
   * @throws NotHeldException if the table does not hold that state
   */
  static List<CommittedFile> asOf(HudiTable table, String instant) throws IOException {
    table.requireHeld(instant);
    List<CommittedFile> slices = list(table.asOf(instant), instant);
    // What was cleaned while they were listed may be missing among them.
    table.requireHeld(instant);
    return slices;
  }

  private static List<CommittedFile> list(HoodieTableSource source, String instant)
      throws IOException {
    List<CommittedFile> slices = new ArrayList<>();
    Optional<InputFormat<RowData, ?>> format = Lakehouse.format(source);
    if (format.isPresent()) {
      for (InputSplit split : format.get().createInputSplits(1)) {
        slices.add(slice(instant, (MergeOnReadInputSplit) split));
      }
    }
    return slices;
  }

  private static CommittedFile slice(String instant, MergeOnReadInputSplit split)
      throws IOException {
    String path =
        split.getBasePath().isPresent()
            ? split.getBasePath().get()
            : split.getLogPaths().get().get(0);
    return new CommittedFile(
        instant, split.getFileId(), path, -1, false, InstantiationUtil.serializeObject(split));
  }

  /** Columns with fields of Hudi's behind them, each a text or null. */
  static Schema withMeta(Schema columns, List<String> names) {
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : columns.getFields()) {
      fields.add(new Schema.Field(field, field.schema()));
    }
    for (String name : names) {
      fields.add(
          new Schema.Field(
              name,
              Schema.createUnion(
                  Schema.create(Schema.Type.NULL), Schema.create(Schema.Type.STRING)),
              null,
              JsonProperties.NULL_VALUE));
    }
    return Schema.createRecord(columns.getName(), null, columns.getNamespace(), false, fields);
  }

  /**
   * Reads one to its end.
   *
   * @param rows takes the table's columns, as inserts
   */
  void read(CommittedFile slice, Consumer<RowData> rows) throws IOException {
    MergeOnReadInputSplit files = split(slice);
    if (files.getLogPaths().map(List::isEmpty).orElse(true)) {
      readBase(files, Map.of(), rows);
      return;
    }
    try (HoodieMergedLogRecordScanner logs =
        FormatUtils.logScanner(
            files, schema, InternalSchema.getEmptyInternalSchema(), conf, hadoop)) {
      readBase(files, logs.getRecords(), rows);
      for (HoodieRecord<?> changed : logs) {
        Option<IndexedRecord> record =
            ((HoodieAvroRecord<?>) changed).getData().getInsertValue(schema, NO_PROPERTIES);
        if (record.isPresent() && !isGone(record.get())) {
          rows.accept((RowData) columns.convert(record.get()));
        }
      }
    }
  }

  /**
   * @param changed by record key, the rows that come from elsewhere
   */
  private void readBase(MergeOnReadInputSplit files, Map<String, ?> changed, Consumer<RowData> rows)
      throws IOException {
    if (!files.getBasePath().isPresent()) {
      return;
    }
    try (HoodieFileReader<IndexedRecord> base = open(new Path(files.getBasePath().get()));
        ClosableIterator<HoodieRecord<IndexedRecord>> records = base.getRecordIterator(schema)) {
      while (records.hasNext()) {
        IndexedRecord record = records.next().getData();
        if (!changed.containsKey(record.get(key).toString())) {
          rows.accept((RowData) columns.convert(record));
        }
      }
    }
  }

  @SuppressWarnings("unchecked")
  private HoodieFileReader<IndexedRecord> open(Path base) throws IOException {
    return HoodieFileReaderFactory.getReaderFactory(HoodieRecordType.AVRO)
        .getFileReader(hadoop, base);
  }

  private boolean isGone(IndexedRecord record) {
    Object name = record.get(operation);
    if (name == null) {
      return false;
    }
    HoodieOperation last = HoodieOperation.fromName(name.toString());
    return last == HoodieOperation.DELETE || last == HoodieOperation.UPDATE_BEFORE;
  }

  private static MergeOnReadInputSplit split(CommittedFile slice) throws IOException {
    try {
      return InstantiationUtil.deserializeObject(slice.slice(), FileSlices.class.getClassLoader());
    } catch (ClassNotFoundException impossible) {
      throw new IOException(impossible);
    }
  }
}
