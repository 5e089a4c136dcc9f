package io.medallion.schemas;

import java.io.Serializable;
import java.time.ZoneId;
import java.util.List;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamConfig;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.api.transformations.OneInputTransformation;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.streaming.runtime.tasks.StreamTask;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.generated.GeneratedClass;
import org.apache.flink.table.runtime.operators.CodeGenOperatorFactory;
import org.apache.flink.table.runtime.typeutils.ExternalTypeInfo;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.types.Row;
import org.apache.flink.util.OutputTag;

/**
 * A SELECT with one row out per row in, planned and compiled by Flink, that an operator of ours
 * evaluates row by row. So a row whose evaluation throws (a division by zero, a failed cast) is one
 * row's failure and not the job's, and rows need no conversion on their way in or out.
 *
 * <p>Made from the code that Flink's planner generates for the SELECT (a {@code Calc} operator):
 * the only part taken from the plan.
 */
public final class PlannedSelect implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final RowType columns;
  private final GeneratedClass<? extends OneInputStreamOperator<RowData, RowData>> calc;

  private PlannedSelect(
      String name,
      RowType columns,
      GeneratedClass<? extends OneInputStreamOperator<RowData, RowData>> calc) {
    this.name = name;
    this.columns = columns;
    this.calc = calc;
  }

  /**
   * Plans a SELECT. Needs Flink's planner, which every Flink process has in its {@code lib}.
   *
   * @param name what the evaluation is called in the web UI
   * @param sql the SELECT
   * @param view the name under which the SELECT reads its input
   * @param input the columns of the input
   * @throws org.apache.flink.table.api.ValidationException if Flink cannot plan it
   * @throws IllegalArgumentException if it is more than one row out per row in
   */
  public static PlannedSelect plan(String name, String sql, String view, RowType input) {
    return plan(name, sql, over(view, input));
  }

  /**
   * Plans each column of a SELECT as one of its own, in their order: where one cannot be computed
   * for a row, the others can.
   *
   * @param columns of the SELECT
   */
  public static List<PlannedSelect> planEach(
      String name, String sql, List<String> columns, String view, RowType input) {
    StreamTableEnvironment tables = over(view, input);
    return columns.stream()
        .map(
            column ->
                plan(
                    name, "SELECT %s FROM (%n%s%n)".formatted(Sql.identifier(column), sql), tables))
        .toList();
  }

  private static StreamTableEnvironment over(String view, RowType input) {
    StreamExecutionEnvironment graph = StreamExecutionEnvironment.getExecutionEnvironment();
    StreamTableEnvironment tables = StreamTableEnvironment.create(graph);
    tables.getConfig().setLocalTimeZone(ZoneId.of("UTC"));
    DataType row = TypeConversions.fromLogicalToDataType(input);
    tables.createTemporaryView(
        view,
        graph.fromData(List.of(), ExternalTypeInfo.<Row>of(row)),
        Schema.newBuilder().fromRowDataType(row).build());
    return tables;
  }

  private static PlannedSelect plan(String name, String sql, StreamTableEnvironment tables) {
    Table result = tables.sqlQuery(sql);
    RowType columns =
        (RowType) result.getResolvedSchema().toPhysicalRowDataType().getLogicalType().copy(false);
    return new PlannedSelect(
        name, columns, calcOf(name, tables.toDataStream(result).getTransformation()));
  }

  @SuppressWarnings("unchecked")
  private static GeneratedClass<? extends OneInputStreamOperator<RowData, RowData>> calcOf(
      String name, Transformation<?> last) {
    GeneratedClass<? extends OneInputStreamOperator<RowData, RowData>> calc = null;
    Transformation<?> at = last;
    while (!at.getInputs().isEmpty()) {
      if (at.getInputs().size() > 1 || !(at instanceof OneInputTransformation<?, ?> one)) {
        throw new IllegalArgumentException(
            name + ": expected one row out per row in, found " + at.getName() + " in its plan.");
      }
      if (one.getOperatorFactory() instanceof CodeGenOperatorFactory<?> generated) {
        if (calc != null || !at.getName().startsWith("Calc")) {
          throw new IllegalArgumentException(
              name + ": expected one row out per row in, found " + at.getName() + " in its plan.");
        }
        calc =
            (GeneratedClass<? extends OneInputStreamOperator<RowData, RowData>>)
                generated.getGeneratedClass();
      }
      at = at.getInputs().get(0);
    }
    return calc;
  }

  /** The columns of the SELECT. */
  public RowType columns() {
    return columns;
  }

  /** Makes the SELECT ready to evaluate within an operator of the given task. */
  public Evaluation open(StreamTask<?, ?> task, ProcessingTimeService processingTime)
      throws Exception {
    return calc == null ? row -> row : new GeneratedEvaluation(task, processingTime);
  }

  /** A SELECT in an operator. Not thread safe. */
  @FunctionalInterface
  public interface Evaluation {
    /**
     * The row that the SELECT makes of a row.
     *
     * @throws Exception what an expression of the SELECT throws for this row
     */
    RowData evaluate(RowData row) throws Exception;
  }

  private final class GeneratedEvaluation implements Evaluation, Output<StreamRecord<RowData>> {
    private final OneInputStreamOperator<RowData, RowData> operator;
    private final RowDataSerializer rows = new RowDataSerializer(columns);
    private final StreamRecord<RowData> element = new StreamRecord<>(null);
    private RowData result;

    GeneratedEvaluation(StreamTask<?, ?> task, ProcessingTimeService processingTime)
        throws Exception {
      // A config of its own: the generated operator registers its metrics beside the containing
      // operator's.
      StreamConfig config = new StreamConfig(new Configuration());
      config.setOperatorName(name);
      config.setOperatorID(new OperatorID());
      config.serializeAllConfigs();
      operator =
          calc.newInstance(
              task.getUserCodeClassLoader(),
              calc.getReferences(),
              task,
              config,
              this,
              processingTime);
      operator.open();
    }

    @Override
    public RowData evaluate(RowData row) throws Exception {
      result = null;
      operator.processElement(element.replace(row));
      if (result == null) {
        throw new IllegalStateException(name + ": the SELECT made no row of a row.");
      }
      return result;
    }

    @Override
    public void collect(StreamRecord<RowData> record) {
      // The generated code uses one row for all its results.
      result = rows.copy(record.getValue());
    }

    @Override
    public <X> void collect(OutputTag<X> tag, StreamRecord<X> record) {}

    @Override
    public void emitWatermark(Watermark mark) {}

    @Override
    public void emitWatermarkStatus(WatermarkStatus status) {}

    @Override
    public void emitLatencyMarker(LatencyMarker marker) {}

    @Override
    public void emitRecordAttributes(RecordAttributes attributes) {}

    @Override
    public void close() {}
  }
}
