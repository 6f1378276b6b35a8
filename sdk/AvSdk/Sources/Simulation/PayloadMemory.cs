namespace AvSdk.Sources.Simulation;

/// <summary>
/// Bytes for a large message: each time new ones, or the same again and again when a message is not kept
/// beyond the next.
/// </summary>
internal sealed class PayloadMemory(bool reuse)
{
    private byte[] _bytes = [];

    public byte[] Take(int bytes)
    {
        if (!reuse)
            return GC.AllocateUninitializedArray<byte>(bytes);
        if (_bytes.Length < bytes)
            _bytes = GC.AllocateUninitializedArray<byte>(bytes + (bytes / 4));
        return _bytes;
    }
}
