namespace AvSdk.Ingestion;

/// <summary>Keys of a channel's MCAP metadata that the ingest socket understands.</summary>
public static class IngestMetadata
{
    /// <summary>
    /// The lane that the channel records into; without it the recorder's lane rules choose.
    /// </summary>
    public const string Lane = "av.lane";
}
