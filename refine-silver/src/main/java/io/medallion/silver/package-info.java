/**
 * Bronze → silver and quarantine: decodes events by the contract, judges them by the quality rules
 * and merges them into one row per key. Must not know how Kafka or Hudi are read and written, nor
 * any single pipeline.
 */
package io.medallion.silver;
