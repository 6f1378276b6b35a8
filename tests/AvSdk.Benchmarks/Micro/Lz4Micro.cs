using AvSdk.Benchmarks.Ratios;
using AvSdk.Lz4;
using BenchmarkDotNet.Attributes;

namespace AvSdk.Benchmarks.Micro;

/// <summary>The LZ4 block codec on one chunk.</summary>
[MemoryDiagnoser]
public class Lz4Micro
{
    private readonly byte[] _source = SensorBytes.Int16Samples(4 << 20);
    private readonly byte[] _compressed = new byte[Lz4Block.CompressBound(4 << 20)];
    private readonly byte[] _decompressed = new byte[4 << 20];
    private int _compressedBytes;

    [GlobalSetup]
    public void Compressed() => _compressedBytes = Lz4Block.Compress(_source, _compressed);

    [Benchmark]
    public int Compress() => Lz4Block.Compress(_source, _compressed);

    [Benchmark]
    public bool Decompress() => Lz4Block.TryDecompress(_compressed.AsSpan(0, _compressedBytes), _decompressed, out _);
}
