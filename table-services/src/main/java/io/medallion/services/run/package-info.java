/** {@code medallion run}: a pipeline on a Flink cluster that is there. */
package io.medallion.services.run;
