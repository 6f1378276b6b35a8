using AvSdk.Mcap;
using BenchmarkDotNet.Attributes;

namespace AvSdk.Benchmarks.Micro;

/// <summary>The car's hot path: one message into a chunk.</summary>
[MemoryDiagnoser]
public class ChunkBuilderMicro : IDisposable
{
    private readonly ChunkBuilder _builder = new();
    private readonly byte[] _payload = new byte[16_000];
    private ulong _time;

    [Params(16, 100, 1_000, 16_000)]
    public int PayloadBytes { get; set; }

    [Benchmark]
    public int AddMessage()
    {
        if (_builder.RecordBytes >= 4 << 20)
            _builder.Reset();
        _time++;
        _payload.AsSpan(0, PayloadBytes).CopyTo(_builder.AddMessage(1, (uint)_time, _time, _time, PayloadBytes));
        return _builder.MessageCount;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _builder.Dispose();
        GC.SuppressFinalize(this);
    }
}
