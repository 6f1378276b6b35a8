namespace AvSdk.Mcap;

/// <summary>Where a metadata record is (MCAP specification, "Metadata Index").</summary>
/// <param name="Offset">File offset of the metadata record's opcode.</param>
/// <param name="Length">Bytes of the record with opcode and length.</param>
/// <param name="Name">Its name.</param>
public sealed record McapMetadataIndex(ulong Offset, ulong Length, string Name);
