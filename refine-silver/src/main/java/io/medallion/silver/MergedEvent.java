package io.medallion.silver;

import java.util.List;
import javax.annotation.Nullable;
import org.apache.flink.table.data.RowData;

/**
 * What an event did to its key.
 *
 * @param state the key's new state, of {@link KeyStateCodec#rowType}
 * @param before the record as readers saw it before, of {@link MergedRecord#rowType}, or null when
 *     there was none
 * @param after the record as readers see it now, or null when there is none. An event that repeats
 *     another may change its Kafka coordinates and times, since those too must not depend on the
 *     order of arrival
 * @param outcome what became of the event
 * @param moves the earlier events that have another outcome now, almost always none
 */
record MergedEvent(
    RowData state,
    @Nullable RowData before,
    @Nullable RowData after,
    Outcome outcome,
    List<Move> moves) {}
