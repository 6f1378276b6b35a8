using AvSdk.Mcap;

namespace AvSdk.Recording.Chunking;

/// <summary>
/// Whether a group's next chunk is worth compressing. JPEG and H.265 gain nothing, and a channel does not
/// change its mind often: after a chunk that gained nothing the next are stored plain untried, 1, then 2, 4,
/// ... up to 32, until one gains again. So plain data costs about 3 % of what compressing it would.
/// </summary>
internal sealed class CompressionChoice
{
    public const int PlainRunMax = 32;

    private readonly Lock _gate = new();
    private int _plainRun;
    private int _plainLeft;

    public ChunkCompression Next()
    {
        lock (_gate)
        {
            if (_plainLeft == 0)
                return ChunkCompression.Lz4;
            _plainLeft--;
            return ChunkCompression.None;
        }
    }

    /// <summary>Told what became of a chunk that was tried; not of one that was not.</summary>
    public void Tried(bool gained)
    {
        lock (_gate)
        {
            _plainRun = gained ? 0 : Math.Clamp(_plainRun * 2, 1, PlainRunMax);
            _plainLeft = _plainRun;
        }
    }
}
