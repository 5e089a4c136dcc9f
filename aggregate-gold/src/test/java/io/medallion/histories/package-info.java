/**
 * Drawn histories of events through the operators of silver and gold, beside a model in plain Java
 * that knows none of them. Nothing is read from Kafka or written to tables here.
 */
package io.medallion.histories;
