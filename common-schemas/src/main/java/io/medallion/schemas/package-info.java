/**
 * What a pipeline is: its folder parsed into validating records, the Avro contract of its events,
 * and the tables of all layers with their columns. Knows Flink's types and planner; must not know
 * Flink jobs, Hudi classes or I/O beyond reading the pipeline folder.
 */
package io.medallion.schemas;
