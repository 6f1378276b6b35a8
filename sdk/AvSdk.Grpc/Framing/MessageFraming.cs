using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace AvSdk.Grpc.Framing;

/// <summary>
/// The length-prefixed messages of a gRPC body ("gRPC over HTTP2", Length-Prefixed-Message). Pure functions
/// over bytes.
/// </summary>
/// <remarks><code>
///  0        1                            5              5 + length
/// +--------+----------------------------+----------------+
/// | flag   | length, unsigned, big end  | message        |
/// | 0 or 1 | first                      |                |
/// +--------+----------------------------+----------------+
/// </code>
/// Flag 1 means compressed. The length is checked against the limit before anything is sliced or rented for
/// it. A body that ends between messages is whole; one that ends anywhere else is truncated.
/// </remarks>
internal static class MessageFraming
{
    public const int PrefixBytes = 5;

    /// <summary>
    /// Reads a prefix. <paramref name="messageBytes"/> is told for <see cref="FrameRead.TooLarge"/> too.
    /// </summary>
    public static FrameRead ReadPrefix(ReadOnlySpan<byte> input, int messageBytesMax, out uint messageBytes)
    {
        messageBytes = 0;
        if (input.IsEmpty)
            return FrameRead.NeedMore;
        if (input[0] > 1)
            return FrameRead.BadFlag;
        if (input.Length < PrefixBytes)
            return FrameRead.NeedMore;
        messageBytes = BinaryPrimitives.ReadUInt32BigEndian(input[1..]);
        if (input[0] == 1)
            return FrameRead.Compressed;
        return messageBytes > (uint)messageBytesMax ? FrameRead.TooLarge : FrameRead.Ok;
    }

    /// <summary>
    /// Reads the first message, which is a slice of the input, and moves the input past it.
    /// </summary>
    public static FrameRead TryRead(
        ref ReadOnlySequence<byte> input,
        int messageBytesMax,
        out ReadOnlySequence<byte> message,
        out uint messageBytes)
    {
        message = default;
        ReadOnlySpan<byte> first = input.FirstSpan;
        FrameRead read;
        if (first.Length >= PrefixBytes || input.IsSingleSegment)
        {
            read = ReadPrefix(first, messageBytesMax, out messageBytes);
        }
        else
        {
            int available = (int)Math.Min(input.Length, PrefixBytes);
            Span<byte> prefix = stackalloc byte[PrefixBytes];
            input.Slice(0, available).CopyTo(prefix);
            read = ReadPrefix(prefix[..available], messageBytesMax, out messageBytes);
        }

        if (read != FrameRead.Ok)
            return read;
        if (input.Length < PrefixBytes + (long)messageBytes)
            return FrameRead.NeedMore;
        message = input.Slice(PrefixBytes, messageBytes);
        input = input.Slice(message.End);
        return FrameRead.Ok;
    }

    /// <summary>Writes the prefix of an uncompressed message.</summary>
    public static void WritePrefix(Span<byte> destination, int messageBytes)
    {
        destination[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(destination[1..], (uint)messageBytes);
    }

    /// <summary>Writes prefix and message; the destination has room for both.</summary>
    public static void Write(Span<byte> destination, IMessage message, int messageBytes)
    {
        WritePrefix(destination, messageBytes);
        message.WriteTo(destination.Slice(PrefixBytes, messageBytes));
    }

    /// <summary>The failure that a bad frame ends its call with.</summary>
    /// <param name="read">What the frame is.</param>
    /// <param name="messageBytes">Its announced length.</param>
    /// <param name="messageBytesMax">The limit.</param>
    /// <param name="limitName">The option to raise, for the message.</param>
    public static GrpcException Failure(
        FrameRead read, uint messageBytes, int messageBytesMax, string limitName)
        => read switch
        {
            FrameRead.TooLarge => TooLarge("received", messageBytes, messageBytesMax, limitName),
            FrameRead.Compressed => new GrpcException(
                GrpcStatusCode.Unimplemented,
                "A message is compressed, and only identity is accepted (grpc-accept-encoding). "
                + "Switch compression off at the sender."),
            _ => new GrpcException(
                GrpcStatusCode.Internal,
                "A message begins with a flag byte other than 0 and 1: these are no gRPC messages."),
        };

    public static GrpcException TooLarge(
        string verb, long messageBytes, int messageBytesMax, string limitName)
        => new(
            GrpcStatusCode.ResourceExhausted,
            $"A {verb} message has {messageBytes} bytes, and {limitName} is {messageBytesMax}. "
            + $"Send smaller messages, or raise {limitName}.");

    public static GrpcException Truncated(long bufferedBytes)
        => new(
            GrpcStatusCode.Internal,
            $"The stream ended inside a message, after {bufferedBytes} bytes of it and its prefix.");
}
