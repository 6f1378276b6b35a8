namespace AvSdk.Mcap;

/// <summary>A file within the file (MCAP specification, "Attachment").</summary>
/// <param name="LogTime">When it was recorded, ns.</param>
/// <param name="CreateTime">When it was made, ns; 0: not known.</param>
/// <param name="Name">For example <c>calibration.json</c>.</param>
/// <param name="MediaType">For example <c>application/json</c>.</param>
/// <param name="Data">Its bytes. The record keeps the memory; it must not change.</param>
public sealed record McapAttachment(
    ulong LogTime, ulong CreateTime, string Name, string MediaType, ReadOnlyMemory<byte> Data)
{
    /// <summary>Equal when every field is, the data byte by byte.</summary>
    public bool Equals(McapAttachment? other) =>
        other is not null && LogTime == other.LogTime && CreateTime == other.CreateTime && Name == other.Name
        && MediaType == other.MediaType && Data.Span.SequenceEqual(other.Data.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(LogTime, CreateTime, Name, MediaType, Data.Length);
}
