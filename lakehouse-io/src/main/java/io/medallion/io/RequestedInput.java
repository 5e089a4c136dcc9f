package io.medallion.io;

import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.data.RowData;

/**
 * What a job reads beside the {@link Requests} to it.
 *
 * @param input the table, without what is {@code known}; its reports say how far the requests are
 *     taken, too
 * @param known rows of commits that the table has taken which the requests are about, read once
 *     more by a job that begins without its newest checkpoint
 * @param requests {@code ROW<number BIGINT, known BOOLEAN, settled BIGINT>}, each in its turn:
 *     whether that table has taken it, too, and the last one that all tables of the job have taken
 */
public record RequestedInput(
    Input input, DataStream<RowData> known, DataStream<RowData> requests) {}
