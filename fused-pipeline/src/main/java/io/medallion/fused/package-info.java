/** The three jobs of a pipeline as one. Owns no operator. */
package io.medallion.fused;
