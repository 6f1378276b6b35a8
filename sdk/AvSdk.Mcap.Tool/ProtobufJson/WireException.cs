namespace AvSdk.Mcap.Tool.ProtobufJson;

/// <summary>A payload is not what its schema says. Does not leave this folder.</summary>
internal sealed class WireException(int offset, string expected, string found)
    : Exception($"byte {offset} of the payload: expected {expected}, found {found}");
