/**
 * The stream that a pipeline folder's {@code sample.yaml} declares, and files of events, sent to a
 * topic. Knows JSON, CSV and a Kafka producer; must not know tables, Flink, nor any pipeline.
 */
package io.medallion.services.sample;
