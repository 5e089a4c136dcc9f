/** silver → gold: incremental aggregates. Knows silver as a table definition only. */
package io.medallion.gold;
