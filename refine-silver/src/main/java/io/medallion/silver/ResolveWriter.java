package io.medallion.silver;

import io.medallion.schemas.Contract;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Resolver;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;

/**
 * Builds what reads events of a writer's schema as rows of the contract, by Avro's schema
 * resolution ({@link Resolver}): fields by name or alias in any order, missing ones by their
 * defaults, numbers promoted. What the resolution cannot do is a broken rule only where an event
 * has such a value.
 *
 * <p>Avro resolves bytes and longs and looks at no logical type. Here a writer's decimal keeps its
 * scale and a writer's time its unit; those of different kinds do not resolve.
 */
final class ResolveWriter implements Serializable {
  private static final long serialVersionUID = 1L;

  static final String INCOMPATIBLE = "incompatible-schema";

  /** As text: a parsed schema serializes with every copy of the operator. */
  private final String contract;

  private final RowType rowType;

  ResolveWriter(Contract contract) {
    this.contract = contract.schema().toString();
    this.rowType = contract.rowType();
  }

  /** The contract's own schema. */
  Schema contract() {
    return new Schema.Parser().parse(contract);
  }

  ReadAvro resolve(Schema writer) {
    return value("", Resolver.resolve(writer, contract()), rowType);
  }

  private static ReadAvro value(String path, Resolver.Action action, LogicalType type) {
    AvroField field = new AvroField(path, expected(action.reader, type));
    return switch (action.type) {
      case ERROR -> incompatible(field, (Resolver.ErrorAction) action);
      case READER_UNION -> value(path, ((Resolver.ReaderUnion) action).actualAction, type);
      case WRITER_UNION -> union(field, (Resolver.WriterUnion) action, type);
      case RECORD -> record(field, (Resolver.RecordAdjust) action, (RowType) type);
      case ENUM -> symbols(field, (Resolver.EnumAdjust) action);
      case CONTAINER ->
          action.reader.getType() == Schema.Type.ARRAY
              ? array(path, (Resolver.Container) action, (ArrayType) type)
              : map(path, (Resolver.Container) action, (MapType) type);
      case DO_NOTHING, PROMOTE -> scalar(field, action, type);
      case SKIP -> throw new IllegalStateException("only a record has fields to skip");
    };
  }

  /** A branch that does not resolve is the event's doing where another one would have. */
  private static ReadAvro union(AvroField field, Resolver.WriterUnion action, LogicalType type) {
    boolean someResolve = false;
    for (Resolver.Action branch : action.actions) {
      someResolve |=
          branch.type != Resolver.Action.Type.ERROR && branch.writer.getType() != Schema.Type.NULL;
    }
    ReadAvro[] branches = new ReadAvro[action.actions.length];
    for (int i = 0; i < branches.length; i++) {
      Resolver.Action branch = action.actions[i];
      Schema writer = branch.writer;
      if (branch.type != Resolver.Action.Type.ERROR) {
        branches[i] = value(field.path(), branch, type);
      } else if (writer.getType() == Schema.Type.NULL) {
        branches[i] = (payload, rescued) -> field.isNull(payload);
      } else if (someResolve) {
        branches[i] =
            (payload, rescued) -> {
              field.mismatch(payload, "a value of type " + described(writer));
              RescueAvro.rescue(writer, payload, rescued);
              return null;
            };
      } else {
        branches[i] = incompatible(field, (Resolver.ErrorAction) branch);
      }
    }
    return (payload, rescued) ->
        branches[payload.readIndex(branches.length, "branch")].read(payload, rescued);
  }

  private static ReadAvro record(AvroField record, Resolver.RecordAdjust action, RowType type) {
    List<Schema.Field> written = action.writer.getFields();
    List<Step> steps = new ArrayList<>();
    int read = 0;
    for (Schema.Field field : written) {
      Resolver.Action fieldAction = action.fieldActions[field.pos()];
      if (fieldAction.type == Resolver.Action.Type.SKIP) {
        steps.add(new Step(field.name(), Step.UNKNOWN, rescue(field.schema())));
      } else {
        Schema.Field known = action.readerOrder[read++];
        String path = record.path().isEmpty() ? known.name() : record.path() + "." + known.name();
        steps.add(
            new Step(
                known.name(), known.pos(), value(path, fieldAction, type.getTypeAt(known.pos()))));
      }
    }
    Map<Integer, Object> defaults = new HashMap<>();
    for (int i = action.firstDefault; i < action.readerOrder.length; i++) {
      Schema.Field missing = action.readerOrder[i];
      defaults.put(
          missing.pos(),
          ConvertAvro.toInternal(
              GenericData.get().getDefaultValue(missing),
              missing.schema(),
              type.getTypeAt(missing.pos())));
    }
    return new ReadRecord(type.getFieldCount(), List.copyOf(steps), defaults);
  }

  private static ReadAvro rescue(Schema writer) {
    return (payload, rescued) -> {
      RescueAvro.rescue(writer, payload, rescued);
      return null;
    };
  }

  /** A symbol that the contract's default stands for is kept with the unknown fields. */
  private static ReadAvro symbols(AvroField field, Resolver.EnumAdjust action) {
    List<String> written = action.writer.getEnumSymbols();
    List<String> known = action.reader.getEnumSymbols();
    return (payload, rescued) -> {
      int index = payload.readIndex(written.size(), "symbol");
      String symbol = written.get(index);
      if (action.adjustments[index] < 0) {
        return field.notAccepted(payload, symbol);
      }
      String resolved = known.get(action.adjustments[index]);
      if (!resolved.equals(symbol)) {
        rescued.field(payload.path()).writeString(symbol);
      }
      return StringData.fromString(resolved);
    };
  }

  private static ReadAvro array(String path, Resolver.Container action, ArrayType type) {
    ReadAvro item = value(path + "[]", action.elementAction, type.getElementType());
    return (payload, rescued) -> {
      List<Object> items = new ArrayList<>();
      payload.readItems(() -> items.add(item.read(payload, rescued)));
      return new GenericArrayData(items.toArray());
    };
  }

  private static ReadAvro map(String path, Resolver.Container action, MapType type) {
    ReadAvro value = value(path + "[]", action.elementAction, type.getValueType());
    return (payload, rescued) -> {
      Map<StringData, Object> entries = new LinkedHashMap<>();
      payload.readEntries(
          key -> entries.put(StringData.fromString(key), value.read(payload, rescued)));
      return new GenericMapData(entries);
    };
  }

  private static ReadAvro scalar(AvroField field, Resolver.Action action, LogicalType type) {
    Schema writer = action.writer;
    Schema reader = action.reader;
    if (reader.getType() == Schema.Type.NULL) {
      return (payload, rescued) -> null;
    }
    if (differ(writer, reader)) {
      return incompatible(field, writer, cannotBeRead(writer, reader));
    }
    return switch (type.getTypeRoot()) {
      case CHAR, VARCHAR -> ReadAvroValues.strings();
      case BOOLEAN -> (payload, rescued) -> payload.readBoolean();
      case BINARY, VARBINARY ->
          writer.getType() == Schema.Type.FIXED
              ? (payload, rescued) -> payload.readFixed(writer.getFixedSize())
              : (payload, rescued) -> payload.readBytes();
      case INTEGER -> (payload, rescued) -> payload.readInt();
      case BIGINT -> ReadAvroValues.longs(writer);
      case FLOAT -> ReadAvroValues.floats(field, writer);
      case DOUBLE -> ReadAvroValues.doubles(field, writer);
      case DECIMAL -> {
        DecimalType decimal = (DecimalType) type;
        int written =
            writer.getLogicalType() instanceof LogicalTypes.Decimal own
                ? own.getScale()
                : decimal.getScale();
        yield ReadAvroValues.decimals(
            field, writer, written, decimal.getPrecision(), decimal.getScale());
      }
      case DATE -> ReadAvroValues.dates(field);
      case TIME_WITHOUT_TIME_ZONE -> ReadAvroValues.times(field, writer, unit(writer, reader));
      case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
          ReadAvroValues.timestamps(
              field, writer, unit(writer, reader), LogicalTypeChecks.getPrecision(type));
      default -> throw new IllegalStateException("no contract has " + type.asSummaryString());
    };
  }

  /**
   * Whether bytes or numbers that Avro resolves mean something else: a local time is no instant,
   * the bytes of a decimal are no text.
   */
  private static boolean differ(Schema writer, Schema reader) {
    String written = kind(writer);
    String read = kind(reader);
    boolean bothSay = !written.isEmpty() && !read.isEmpty();
    boolean text = writer.getType() == Schema.Type.STRING || reader.getType() == Schema.Type.STRING;
    boolean decimal = written.equals("decimal") || read.equals("decimal");
    return (bothSay && !written.equals(read)) || (text && decimal);
  }

  /** A logical type without its unit; empty for none. */
  private static String kind(Schema schema) {
    return schema.getLogicalType() == null
        ? ""
        : schema.getLogicalType().getName().replaceAll("-(millis|micros|nanos)$", "");
  }

  /** Plain numbers are taken to be in the contract's unit. */
  private static String unit(Schema writer, Schema reader) {
    return (writer.getLogicalType() == null ? reader : writer).getLogicalType().getName();
  }

  private static ReadAvro incompatible(AvroField field, Resolver.ErrorAction error) {
    if (error.error == Resolver.ErrorAction.ErrorType.MISSING_REQUIRED_FIELD) {
      String missing =
          error.reader.getFields().stream()
              .filter(own -> error.writer.getField(own.name()) == null && !own.hasDefaultValue())
              .map(Schema.Field::name)
              .collect(Collectors.joining(", "));
      return incompatible(
          field,
          error.writer,
          "was written without %s, for which the contract has no default".formatted(missing));
    }
    return incompatible(field, error.writer, cannotBeRead(error.writer, error.reader));
  }

  private static ReadAvro incompatible(AvroField field, Schema writer, String why) {
    return (payload, rescued) -> {
      field.incompatible(payload, why);
      RescueAvro.rescue(writer, payload, rescued);
      return null;
    };
  }

  private static String cannotBeRead(Schema writer, Schema reader) {
    return "was written as %s, which cannot be read as %s"
        .formatted(described(writer), described(reader));
  }

  private static String described(Schema schema) {
    String type =
        switch (schema.getType()) {
          case RECORD, ENUM -> schema.getType().getName() + " " + schema.getFullName();
          case FIXED ->
              "fixed %s of %d bytes".formatted(schema.getFullName(), schema.getFixedSize());
          case UNION ->
              schema.getTypes().stream()
                  .map(ResolveWriter::described)
                  .collect(Collectors.joining(" or "));
          default -> schema.getType().getName();
        };
    if (schema.getLogicalType() instanceof LogicalTypes.Decimal decimal) {
      return "%s (decimal of %d digits, %d behind the point)"
          .formatted(type, decimal.getPrecision(), decimal.getScale());
    }
    return schema.getLogicalType() == null
        ? type
        : type + " (" + schema.getLogicalType().getName() + ")";
  }

  private static String expected(Schema reader, LogicalType type) {
    Schema known =
        reader.isUnion()
            ? reader.getTypes().stream()
                .filter(branch -> branch.getType() != Schema.Type.NULL)
                .findFirst()
                .orElseThrow()
            : reader;
    return switch (type.getTypeRoot()) {
      case ROW -> "a record";
      case MAP -> "a map";
      case ARRAY -> "an array";
      default ->
          known.getType() == Schema.Type.ENUM
              ? "one of " + known.getEnumSymbols()
              : type.copy(true).asSummaryString();
    };
  }

  /**
   * What to do with one field of the writer's.
   *
   * @param position its place in the contract, or {@link #UNKNOWN}
   */
  private record Step(String name, int position, ReadAvro read) {
    private static final int UNKNOWN = -1;
  }

  /**
   * Reads a record in the writer's order.
   *
   * @param defaults of the contract's fields that the writer has not, by their places
   */
  private record ReadRecord(int fields, List<Step> steps, Map<Integer, Object> defaults)
      implements ReadAvro {
    @Override
    public GenericRowData read(AvroInput payload, RescuedFields rescued) throws IOException {
      GenericRowData row = new GenericRowData(fields);
      for (Step step : steps) {
        payload.enter(step.name);
        Object value = step.read.read(payload, rescued);
        payload.leave();
        if (step.position != Step.UNKNOWN) {
          row.setField(step.position, value);
        }
      }
      defaults.forEach(row::setField);
      return row;
    }
  }
}
