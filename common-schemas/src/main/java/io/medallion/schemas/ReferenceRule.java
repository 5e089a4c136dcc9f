package io.medallion.schemas;

import io.medallion.schemas.Expectation.Violation;
import java.io.Serializable;
import java.time.Duration;

/**
 * A quality rule that a value must be the key of a reference. It is judged like an {@link
 * Expectation}: per event, and null passes.
 *
 * @param name what quarantine rows and metrics call the rule
 * @param column of the SELECT that holds the value
 * @param reference that must have a row with it
 * @param keyColumn of the reference: its key
 * @param grace how long an event that broke the rule is judged again whenever the reference
 *     changes; zero for never
 * @param otherwise what a violation does
 */
public record ReferenceRule(
    String name,
    String column,
    Reference reference,
    String keyColumn,
    Duration grace,
    Violation otherwise)
    implements Serializable {}
