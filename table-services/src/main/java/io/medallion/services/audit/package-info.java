/**
 * {@code medallion audit}: asks for the ledger of a pipeline and prints it. Owns options, texts and
 * the JSON document; must not know how anything is checked.
 */
package io.medallion.services.audit;
