package io.medallion.io;

import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.data.RowData;

/**
 * What a job reads beside the {@link Requests} to it.
 *
 * @param input the table; its reports say how far the requests are taken, too
 * @param requests {@code ROW<number BIGINT>}, each in its turn
 */
public record RequestedInput(Input input, DataStream<RowData> requests) {}
