using System.Buffers;

namespace AvSdk.Tests.Grpc;

/// <summary>Bytes that lie in several pieces, as a connection receives them.</summary>
internal static class Segments
{
    public static ReadOnlySequence<byte> Of(params IReadOnlyList<byte[]> pieces)
    {
        Segment first = new(pieces.Count == 0 ? [] : pieces[0], 0);
        Segment last = first;
        foreach (byte[] piece in pieces.Skip(1))
            last = last.Append(piece);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Segment Append(byte[] memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
