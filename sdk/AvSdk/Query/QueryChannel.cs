namespace AvSdk.Query;

/// <summary>A channel of a recording that was read.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="MessageEncoding">How payloads are encoded: <c>protobuf</c>, <c>json</c>, <c>cdr</c>,
/// …</param>
/// <param name="SchemaName">For example <c>foxglove.CompressedImage</c>; empty where the channel has no
/// schema.</param>
/// <param name="SchemaEncoding">For example <c>protobuf</c>; empty where the channel has no schema.</param>
/// <param name="SchemaData">For protobuf a serialized FileDescriptorSet; empty where the channel has no
/// schema.</param>
/// <param name="Lane">The lane that it was recorded in.</param>
public sealed record QueryChannel(
    string Topic, string MessageEncoding, string SchemaName, string SchemaEncoding,
    ReadOnlyMemory<byte> SchemaData, string Lane);
