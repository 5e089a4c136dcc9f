package io.medallion.io;

import io.medallion.schemas.TableDefinition;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.data.RowData;
import org.apache.hudi.avro.HoodieAvroUtils;
import org.apache.hudi.common.model.HoodieAvroRecord;
import org.apache.hudi.common.model.HoodieKey;
import org.apache.hudi.common.model.HoodieOperation;
import org.apache.hudi.common.model.HoodieRecord;
import org.apache.hudi.org.apache.avro.Schema;
import org.apache.hudi.org.apache.avro.generic.GenericRecord;
import org.apache.hudi.sink.bulk.RowDataKeyGen;
import org.apache.hudi.sink.utils.PayloadCreation;
import org.apache.hudi.util.RowDataToAvroConverters;
import org.apache.hudi.util.RowDataToAvroConverters.RowDataToAvroConverter;
import org.apache.hudi.util.StreamerUtil;

/**
 * Makes of rows what Hudi's writers take, each with a record key that no other row has.
 *
 * <p>Hudi writes a key of two columns as {@code a:x,b:y} with the values as they are, so that
 * {@code (x,b:y z)} and {@code (x y,b:z)} would be one row, takes no empty key, and puts keys with
 * a colon into one bucket. So what has a meaning there is {@code %XX} in a value, and an empty one
 * is {@code %}. Keys without such characters are Hudi's.
 */
@SuppressWarnings("rawtypes")
final class ToRecords extends RichMapFunction<RowData, HoodieRecord> {
  private static final long serialVersionUID = 1L;

  private static final String EMPTY = "%";

  private final TableDefinition table;
  private final Configuration conf;
  private transient Schema schema;
  private transient RowDataToAvroConverter columns;
  private transient RowDataKeyGen partitions;
  private transient PayloadCreation payloads;

  /**
   * @param conf of the table's writers
   */
  ToRecords(TableDefinition table, Configuration conf) {
    this.table = table;
    this.conf = conf;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    schema = StreamerUtil.getSourceSchema(conf);
    columns = RowDataToAvroConverters.createConverter(table.columns());
    partitions = RowDataKeyGen.instance(conf, table.columns());
    payloads = PayloadCreation.instance(conf);
  }

  @Override
  @SuppressWarnings("unchecked")
  public HoodieRecord map(RowData row) throws Exception {
    GenericRecord record = (GenericRecord) columns.convert(schema, row);
    return new HoodieAvroRecord<>(
        new HoodieKey(recordKey(record, table.key()), partitions.getPartitionPath(row)),
        payloads.createPayload(record),
        HoodieOperation.fromValue(row.getRowKind().toByteValue()));
  }

  /**
   * The text by which Hudi tells rows apart.
   *
   * @param key columns, none of which is null
   */
  static String recordKey(GenericRecord record, List<String> key) {
    if (key.size() == 1) {
      return value(record, key.get(0));
    }
    StringBuilder text = new StringBuilder();
    for (String column : key) {
      text.append(text.isEmpty() ? "" : ",");
      text.append(column).append(':').append(value(record, column));
    }
    return text.toString();
  }

  private static String value(GenericRecord record, String column) {
    String value = HoodieAvroUtils.getNestedFieldValAsString(record, column, false, false);
    if (value.isEmpty()) {
      return EMPTY;
    }
    return value.indexOf('%') < 0 && value.indexOf(',') < 0 && value.indexOf(':') < 0
        ? value
        : value.replace("%", "%25").replace(",", "%2C").replace(":", "%3A");
  }
}
