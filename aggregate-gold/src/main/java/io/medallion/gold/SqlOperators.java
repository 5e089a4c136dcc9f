package io.medallion.gold;

import io.medallion.schemas.TableDefinition;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.dag.Transformation;

/**
 * Gives the operators that Flink plans for a gold query uids of ours: the gold table, from its
 * second version on the version, the place in the plan, the kind of operator. Flink's own hold a
 * counter of the process that planned them, and so another submission could not go on from a
 * savepoint; with the version, what one query has counted is never taken for another's.
 *
 * <p>Their names are the same, so that metrics say of which table they are and no two are taken for
 * one. Their descriptions stay Flink's.
 */
final class SqlOperators {
  /** What Flink names after a counter, or after the types of all columns. */
  private static final Map<String, String> NAMES =
      Map.of("anonymous", "input", "TableToDataSteam", "output");

  private final String table;
  private final Set<Transformation<?>> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private int place;

  private SqlOperators(String table) {
    this.table = table;
  }

  /** Names all operators from the given one back to those that have a uid. */
  static void name(Transformation<?> last, TableDefinition table) {
    new SqlOperators(table.version() == 1 ? table.name() : table.name() + " v" + table.version())
        .name(last);
  }

  private void name(Transformation<?> operator) {
    if (operator.getUid() != null || !seen.add(operator)) {
      return;
    }
    String kind = operator.getName().replaceAll("^[^A-Za-z]*([A-Za-z]*).*", "$1");
    String format = "sql %s %d %s";
    operator.setUid(format.formatted(table, place, kind));
    operator.setName(format.formatted(table, place, NAMES.getOrDefault(kind, kind)));
    place++;
    operator.getInputs().forEach(this::name);
  }
}
