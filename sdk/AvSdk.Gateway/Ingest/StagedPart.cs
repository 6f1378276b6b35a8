using AvSdk.Contracts.V1;

namespace AvSdk.Gateway.Ingest;

/// <summary>What a part led to.</summary>
/// <param name="Receipt">
/// Null: more parts are to come. Else the receipt, now or when the chunk is durable.
/// </param>
/// <param name="IsWhole">All parts of the chunk had come.</param>
internal readonly record struct StagedPart(Task<Receipt>? Receipt, bool IsWhole);
