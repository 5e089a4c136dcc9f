/**
 * The {@code medallion} command line: one class per command. Works on tables through lakehouse-io;
 * must not know the jobs' operators, nor any pipeline.
 */
package io.medallion.services;
