package io.medallion.schemas;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.functions.AggregateFunction;
import org.apache.flink.table.functions.FunctionDefinition;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.ArgumentCount;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.ConstantArgumentCount;
import org.apache.flink.table.types.inference.InputTypeStrategy;
import org.apache.flink.table.types.inference.Signature;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.utils.LogicalTypeMerging;
import org.apache.flink.table.types.utils.TypeConversions;

/**
 * Stands in for SUM or AVG while a query is looked at, never while it runs: remembers the types
 * that are added up, whose sum depends on the order of rows.
 */
public final class RecordSums extends AggregateFunction<Object, Object> {
  private static final long serialVersionUID = 1L;

  private final boolean average;
  private final transient Set<String> rounded = new LinkedHashSet<>();

  RecordSums(boolean average) {
    this.average = average;
  }

  /** E.g. {@code DOUBLE}. */
  Set<String> rounded() {
    return rounded;
  }

  @Override
  public TypeInference getTypeInference(DataTypeFactory types) {
    return TypeInference.newBuilder()
        .inputTypeStrategy(new Inputs())
        .accumulatorTypeStrategy(call -> Optional.of(call.getArgumentDataTypes().get(0)))
        .outputTypeStrategy(
            call -> {
              LogicalType added = call.getArgumentDataTypes().get(0).getLogicalType();
              return Optional.of(
                  TypeConversions.fromLogicalToDataType(
                      average
                          ? LogicalTypeMerging.findAvgAggType(added)
                          : LogicalTypeMerging.findSumAggType(added)));
            })
        .build();
  }

  @Override
  public Object createAccumulator() {
    return "";
  }

  /** Without it Flink takes this for no aggregate. */
  public void accumulate(Object accumulator, Object value) {}

  @Override
  public Object getValue(Object accumulator) {
    return accumulator;
  }

  private final class Inputs implements InputTypeStrategy {
    @Override
    public ArgumentCount getArgumentCount() {
      return ConstantArgumentCount.of(1);
    }

    @Override
    public Optional<List<DataType>> inferInputTypes(CallContext call, boolean throwOnFailure) {
      LogicalType added = call.getArgumentDataTypes().get(0).getLogicalType();
      if (added.is(LogicalTypeFamily.APPROXIMATE_NUMERIC)) {
        rounded.add(added.copy(true).asSummaryString());
      }
      return Optional.of(call.getArgumentDataTypes());
    }

    @Override
    public List<Signature> getExpectedSignatures(FunctionDefinition definition) {
      return List.of(Signature.of(Signature.Argument.of("number")));
    }
  }
}
