/** Gold tables made anew from silver. */
package io.medallion.services.gold;
