/**
 * {@code medallion report}: a page of plots that shows how a pipeline has been doing. Owns the
 * figures over time and the page; what a table says at a moment is the status's, what became of
 * each offset the audit's.
 */
package io.medallion.services.report;
