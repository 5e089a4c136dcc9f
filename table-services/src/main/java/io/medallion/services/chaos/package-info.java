/**
 * Faults on real processes: starts the demo's broker and cluster, breaks them by a seeded schedule
 * while a stream comes in and a reader reads, and counts what was lost or doubled. Knows processes,
 * Kafka and what the tables hold; must not know how a commit is made, nor any pipeline.
 */
package io.medallion.services.chaos;
