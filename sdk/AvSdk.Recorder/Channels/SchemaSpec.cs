namespace AvSdk.Recording;

/// <summary>
/// A schema, as in MCAP: for protobuf, <paramref name="Data"/> is a serialized FileDescriptorSet.
/// </summary>
/// <param name="Name">For example <c>foxglove.CompressedImage</c>.</param>
/// <param name="Encoding">In the MCAP registry's words: <c>protobuf</c>, <c>jsonschema</c>,
/// <c>ros2msg</c>.</param>
/// <param name="Data">The schema's bytes; never modified after it was handed over.</param>
public sealed record SchemaSpec(string Name, string Encoding, ReadOnlyMemory<byte> Data);
