/** Gold against its recomputation from silver. */
package io.medallion.services.verify;
