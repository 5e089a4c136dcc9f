/** The reference pages in {@code docs}, made from the code that they describe. */
package io.medallion.services.reference;
