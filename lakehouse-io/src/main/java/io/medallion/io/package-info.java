/**
 * The two ends of every job: Kafka source, Hudi change source, exactly-once Hudi sink, the commits
 * with their positions, the execution environment. The only package that touches Hudi classes. Must
 * not know business rules or layers.
 */
package io.medallion.io;
