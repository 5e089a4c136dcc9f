package io.medallion.silver;

/**
 * An earlier event that a later one of its key gave another outcome: a correction that waited is
 * applied or superseded, one that was applied waits again, an event is a duplicate of the one that
 * took its place.
 *
 * @param event the event that moves, which need not be of the later one's Kafka partition
 * @param from the outcome that it is counted in
 */
record Move(Version event, Outcome from, Outcome to) {}
