package io.medallion.services.sample;

/** What a pipeline folder's {@code sample.yaml} declares. */
public sealed interface SampleDefinition permits GeneratedSample, RecordedSample {}
