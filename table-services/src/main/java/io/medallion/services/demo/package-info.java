/**
 * A pipeline on a machine of one's own: a Kafka broker and a Flink cluster as real processes, the
 * jobs submitted to it, a stream sent, the layers watched, gold verified. Knows processes, ports
 * and Flink's REST interface; must not know what the jobs do, nor any pipeline.
 */
package io.medallion.services.demo;
