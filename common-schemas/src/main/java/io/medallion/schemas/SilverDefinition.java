package io.medallion.schemas;

import java.time.Duration;
import java.util.List;
import org.apache.flink.table.types.logical.RowType;

/**
 * How bronze events become silver rows.
 *
 * @param sql the SELECT over {@code bronze}, whose columns are the contract's fields
 * @param columns the row type of the SELECT, as Flink plans it
 * @param key columns of the SELECT that identify a row
 * @param partitionBy columns of the SELECT that partition the table; empty for none
 * @param orderBy the column of the SELECT that says which of two events is newer; ties go to the
 *     higher Kafka partition and offset
 * @param history whether silver has a row for each version of a key, instead of its newest alone
 * @param stateLifetime how long what is known of a key is kept after its last event; zero for ever
 * @param changes which events correct or reverse a row
 * @param expectations quality rules in the order of the file
 * @param referenceRules quality rules that ask a reference
 * @param gates what must hold of many events together
 */
public record SilverDefinition(
    String sql,
    RowType columns,
    List<String> key,
    List<String> partitionBy,
    String orderBy,
    boolean history,
    Duration stateLifetime,
    Changes changes,
    List<Expectation> expectations,
    List<ReferenceRule> referenceRules,
    List<Gate> gates) {
  public SilverDefinition {
    key = List.copyOf(key);
    partitionBy = List.copyOf(partitionBy);
    expectations = List.copyOf(expectations);
    referenceRules = List.copyOf(referenceRules);
    gates = List.copyOf(gates);
  }
}
