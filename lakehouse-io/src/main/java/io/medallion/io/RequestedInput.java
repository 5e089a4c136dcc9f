package io.medallion.io;

import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.data.RowData;

/**
 * What a job reads beside the {@link Requests} to it.
 *
 * @param input the table, without what is {@code known}; its reports say how far the requests are
 *     taken, too
 * @param known rows of commits that all tables of the job have taken, which it reads once more for
 *     its state: a job that begins without its newest checkpoint
 * @param requests {@code ROW<number BIGINT, known BOOLEAN>}, each in its turn
 */
public record RequestedInput(
    Input input, DataStream<RowData> known, DataStream<RowData> requests) {}
