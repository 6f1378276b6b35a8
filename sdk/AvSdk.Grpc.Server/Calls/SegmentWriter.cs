using System.Buffers;

namespace AvSdk.Grpc.Server.Calls;

/// <summary>Asks a pipe for large segments, where an encoder would take thousands of small ones.</summary>
internal sealed class SegmentWriter(IBufferWriter<byte> output, int segmentBytes) : IBufferWriter<byte>
{
    public void Advance(int count) => output.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => output.GetMemory(Math.Max(sizeHint, segmentBytes));

    public Span<byte> GetSpan(int sizeHint = 0) => output.GetSpan(Math.Max(sizeHint, segmentBytes));
}
