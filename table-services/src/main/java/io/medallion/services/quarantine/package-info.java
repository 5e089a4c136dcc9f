/** Events that silver did not take, and why. */
package io.medallion.services.quarantine;
