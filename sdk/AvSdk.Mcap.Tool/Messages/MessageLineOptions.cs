namespace AvSdk.Mcap.Tool.Messages;

/// <summary>How messages look as lines.</summary>
/// <param name="IsoTimes">Times as ISO 8601; else ns since 1970, as decimal strings.</param>
/// <param name="BytesAsHex">Bytes in hexadecimal; else in base64.</param>
/// <param name="RawBytes">No payload is decoded, all are given as bytes.</param>
internal sealed record MessageLineOptions(bool IsoTimes = false, bool BytesAsHex = false, bool RawBytes = false);
