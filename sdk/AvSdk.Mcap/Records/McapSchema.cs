namespace AvSdk.Mcap;

/// <summary>How the messages of a channel are typed (MCAP specification, "Schema").</summary>
/// <param name="Id">Unique in the file; 1 to 65535 (0 means "no schema" in a channel).</param>
/// <param name="Name">For example <c>foxglove.CompressedImage</c>.</param>
/// <param name="Encoding">The registry's word, for example <c>protobuf</c>; empty: no schema is
/// available.</param>
/// <param name="Data">The schema itself, in its encoding. The record keeps the memory; it must not
/// change.</param>
public sealed record McapSchema(ushort Id, string Name, string Encoding, ReadOnlyMemory<byte> Data)
{
    /// <summary>Two schemas are equal when every field is, the data byte by byte.</summary>
    public bool Equals(McapSchema? other) =>
        other is not null && Id == other.Id && Name == other.Name && Encoding == other.Encoding
        && Data.Span.SequenceEqual(other.Data.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Name, Encoding, Data.Length);
}
