package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import io.medallion.schemas.TableDefinition.Writing;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import javax.annotation.Nullable;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.OutputTag;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hudi.common.model.HoodieLogFile;
import org.apache.hudi.common.model.HoodieOperation;
import org.apache.hudi.common.model.HoodieRecord;
import org.apache.hudi.common.model.HoodieRecord.HoodieRecordType;
import org.apache.hudi.common.table.log.HoodieLogFileReader;
import org.apache.hudi.common.table.log.block.HoodieDataBlock;
import org.apache.hudi.common.table.log.block.HoodieLogBlock;
import org.apache.hudi.common.table.log.block.HoodieLogBlock.HeaderMetadataType;
import org.apache.hudi.common.util.collection.ClosableIterator;
import org.apache.hudi.org.apache.avro.Schema;
import org.apache.hudi.org.apache.avro.generic.IndexedRecord;
import org.apache.hudi.util.AvroToRowDataConverters;
import org.apache.hudi.util.AvroToRowDataConverters.AvroToRowDataConverter;

/**
 * Reads what {@link PlanReads} names, each file whole; so there is nothing to keep in state. Fails
 * where a file has other rows than its commit says.
 *
 * <p>The log files are opened one by one, without Hudi's scanner: that one loads the whole timeline
 * for each file and hands rows over through a queue whose end it notices up to a second later.
 */
final class ReadFiles extends AbstractStreamOperator<RowData>
    implements OneInputStreamOperator<CommittedFile, RowData> {
  private static final long serialVersionUID = 1L;

  /** Bytes read at once; Hudi's own default of 16 MB is set aside for each file, however small. */
  private static final int LOG_BUFFER = 1 << 16;

  private final TableDefinition table;
  private final org.apache.flink.configuration.Configuration conf;
  @Nullable private final OutputTag<RowData> known;

  private transient Configuration hadoop;
  private transient BaseFiles baseFiles;
  private transient ChangelogRows changelog;
  private transient FileSlices slices;
  private transient StreamRecord<RowData> row;

  /**
   * @param known where rows of {@linkplain CommittedFile#known known} files go, or null for where
   *     all others go
   */
  ReadFiles(HudiTable hudi, @Nullable OutputTag<RowData> known) {
    table = hudi.definition();
    if (table.writing() == Writing.UPSERT) {
      throw new IllegalArgumentException(
          table.qualifiedName() + " keeps no changelog, so its changes cannot be read.");
    }
    conf = hudi.reading();
    this.known = known;
  }

  /** Of a table whose rows of known files go another way. */
  static OutputTag<RowData> known(TableDefinition table) {
    return new OutputTag<>("known", InternalTypeInfo.of(table.columns()));
  }

  @Override
  public void open() throws Exception {
    super.open();
    hadoop = HudiTable.hadoop();
    baseFiles = new BaseFiles(table.columns());
    changelog = new ChangelogRows(table, HudiTable.avroSchema(conf));
    slices = new FileSlices(table, conf);
    row = new StreamRecord<>(null);
  }

  @Override
  public void processElement(StreamRecord<CommittedFile> element) throws Exception {
    CommittedFile file = element.getValue();
    try {
      if (file.slice() != null) {
        slices.read(file, each -> emit(file, each));
        return;
      }
      long rows =
          table.writing() == Writing.APPEND
              ? baseFiles.read(file.path(), each -> emit(file, each))
              : readLog(file);
      if (rows != file.rows()) {
        throw new IllegalStateException(
            "%s has %d rows of commit %s of %s, which wrote %d there. The file is damaged; restore it."
                .formatted(file.path(), rows, file.instant(), table.qualifiedName(), file.rows()));
      }
    } catch (Exception failure) {
      if (ExceptionUtils.findThrowable(failure, FileNotFoundException.class).isPresent()) {
        throw new IllegalStateException(
            "Files of commit %s of %s are gone before they were read: %s. Nothing was skipped; the tables behind %s must be rebuilt from what is left of it, or the files restored."
                .formatted(
                    file.instant(), table.qualifiedName(), file.path(), table.qualifiedName()),
            failure);
      }
      throw failure;
    }
  }

  private void emit(CommittedFile file, RowData each) {
    if (known != null && file.known()) {
      output.collect(known, row.replace(each));
    } else {
      output.collect(row.replace(each));
    }
  }

  private long readLog(CommittedFile file) throws IOException {
    Path path = new Path(file.path());
    long rows = 0;
    try (HoodieLogFileReader log =
        new HoodieLogFileReader(
            path.getFileSystem(hadoop),
            new HoodieLogFile(path),
            changelog.schema,
            LOG_BUFFER,
            false)) {
      while (log.hasNext()) {
        HoodieLogBlock block = log.next();
        // Where files can be appended to, a log holds several commits.
        if (file.instant().equals(block.getLogBlockHeader().get(HeaderMetadataType.INSTANT_TIME))) {
          rows += changelog.read(block, change -> emit(file, change));
        }
      }
    }
    return rows;
  }

  /** The changes in the blocks of a log. */
  private static final class ChangelogRows {
    private final Schema schema;
    private final AvroToRowDataConverter columns;
    private final int operation;

    /**
     * @param columns of the table
     */
    ChangelogRows(TableDefinition table, Schema columns) {
      this.columns = AvroToRowDataConverters.createRowConverter(table.columns());
      operation = table.columns().getFieldCount();
      schema = FileSlices.withMeta(columns, List.of(HoodieRecord.OPERATION_METADATA_FIELD));
    }

    long read(HoodieLogBlock block, Consumer<RowData> into) {
      if (!(block instanceof HoodieDataBlock data)) {
        throw new IllegalStateException("A changelog has no block of " + block.getBlockType());
      }
      long rows = 0;
      try (ClosableIterator<HoodieRecord<IndexedRecord>> records =
          data.getRecordIterator(HoodieRecordType.AVRO)) {
        while (records.hasNext()) {
          IndexedRecord record = records.next().getData();
          RowData change = (RowData) columns.convert(record);
          change.setRowKind(kind(record));
          into.accept(change);
          rows++;
        }
      }
      return rows;
    }

    private RowKind kind(IndexedRecord record) {
      return switch (HoodieOperation.fromName(record.get(operation).toString())) {
        case INSERT -> RowKind.INSERT;
        case UPDATE_BEFORE -> RowKind.UPDATE_BEFORE;
        case UPDATE_AFTER -> RowKind.UPDATE_AFTER;
        case DELETE -> RowKind.DELETE;
      };
    }
  }
}
