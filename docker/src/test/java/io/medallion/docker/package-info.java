/**
 * Checks of everything in {@code docker/} that needs no container engine: that files follow their
 * formats, and that every path, jar, setting and metric they name exists.
 */
package io.medallion.docker;
