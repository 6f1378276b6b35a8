namespace AvSdk.Recording;

/// <summary>What a channel carries. Compared by value, the schema's bytes included.</summary>
public sealed record ChannelSpec
{
    /// <summary>For example <c>/camera/front</c>: 1 to 512 bytes of UTF-8.</summary>
    public required string Topic { get; init; }

    /// <summary>
    /// How payloads are encoded, in the MCAP registry's words: <c>protobuf</c>, <c>json</c>, <c>cdr</c>.
    /// </summary>
    public required string MessageEncoding { get; init; }

    /// <summary>The payloads' schema; null when the encoding needs none.</summary>
    public SchemaSpec? Schema { get; init; }

    /// <summary>The lane; null leaves the choice to the recorder's lane rules.</summary>
    public string? Lane { get; init; }

    /// <summary>Key-value pairs kept with the channel. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } =
        System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;
}
