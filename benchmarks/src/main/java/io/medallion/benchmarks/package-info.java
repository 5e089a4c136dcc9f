/** The measured comparisons. */
package io.medallion.benchmarks;
