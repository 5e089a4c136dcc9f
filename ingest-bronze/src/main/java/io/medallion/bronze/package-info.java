/** Kafka → bronze: every record as it came. Must not parse what it carries. */
package io.medallion.bronze;
