namespace AvSdk.Ingestion;

/// <summary>A client's stream cannot go on: what is wrong with it, where, and what to do.</summary>
internal sealed class IngestStreamException(long offset, string message) : Exception(message)
{
    /// <summary>Of the offending record, bytes from the start of the client's stream.</summary>
    public long Offset { get; } = offset;
}
