namespace AvSdk.Mcap;

/// <summary>Where an attachment is (MCAP specification, "Attachment Index").</summary>
/// <param name="Offset">File offset of the attachment record's opcode.</param>
/// <param name="Length">Bytes of the record with opcode and length.</param>
/// <param name="LogTime">When it was recorded, ns.</param>
/// <param name="CreateTime">When it was made, ns; 0: not known.</param>
/// <param name="DataSize">Bytes of its data.</param>
/// <param name="Name">Its name.</param>
/// <param name="MediaType">Its media type.</param>
public sealed record McapAttachmentIndex(
    ulong Offset, ulong Length, ulong LogTime, ulong CreateTime, ulong DataSize, string Name,
    string MediaType);
