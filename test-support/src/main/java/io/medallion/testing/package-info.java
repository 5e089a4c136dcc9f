/**
 * What tests start and read: a real Kafka broker, a real schema registry, a Flink MiniCluster,
 * tables as any Hudi reader sees them.
 */
package io.medallion.testing;
