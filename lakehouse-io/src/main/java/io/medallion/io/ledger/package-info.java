/**
 * The ledger of a pipeline: whether every Kafka offset is in exactly one final state, from the
 * tables, their commits and Kafka's offsets alone. Must not know jobs or how anything is written;
 * reads tables through {@link io.medallion.io.Lakehouse} and commits through {@link
 * io.medallion.io.CommitHistory}.
 */
package io.medallion.io.ledger;
