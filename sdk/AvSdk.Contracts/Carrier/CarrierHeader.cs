// A publication of a stream begins with a header of 24 bytes; numbers are big-endian.
//
//   0         1         2                   4                   8                  16                  24
//   +---------+---------+-------------------+-------------------+-------------------+-------------------+-------
//   | version | kind    | zero              | key               | number            | taken             | data ...
//   +---------+---------+-------------------+-------------------+-------------------+-------------------+-------
//
// version  1. Another is not read.
// kind     CarrierKind. The data are a piece of a serialised av.v1.UploadRequest or av.v1.UploadReply, none for a word,
//          an av.v1.StreamEnd for an end.
// zero     Written as 0, passed over by readers.
// key      The stream's, chosen at random by the gateway that takes it; 0 in the vehicle's first publication, which comes
//          before. What has another key is of another gateway that was given the same Open, and is passed over.
// number   0, 1, 2, ... in each direction. A number that was before is a duplicate and passed over; one that skips is a gap
//          and ends the stream. Words are not numbered: theirs is 0, and they may come at any place.
//          An end has the number that comes next; the end of a stream that is not known has the greatest number there is.
// taken    How many publications of the other direction this end has taken out of its queue. Whoever sends has at most
//          CarrierStream.Window numbered publications under way that were not taken: that bounds the other end's memory,
//          and the broker's.
using System.Buffers.Binary;

namespace AvSdk.Contracts.Carrier;

/// <summary>What every publication of a stream begins with.</summary>
/// <param name="Kind">What follows.</param>
/// <param name="Key">The stream's key; 0 before the gateway has chosen one.</param>
/// <param name="Number">The publication's place in its direction, from 0.</param>
/// <param name="Taken">How many numbered publications of the other direction were taken.</param>
public readonly record struct CarrierHeader(CarrierKind Kind, uint Key, ulong Number, ulong Taken)
{
    /// <summary>Its length.</summary>
    public const int Bytes = 24;

    private const byte Version = 1;

    /// <summary>Reads the header of a publication; false: <paramref name="problem"/> says what is wrong.</summary>
    public static bool TryRead(ReadOnlySpan<byte> publication, out CarrierHeader header, out string problem)
    {
        header = default;
        problem = "";
        if (publication.Length < Bytes)
            problem = $"a publication of {publication.Length} bytes; its header alone has {Bytes}";
        else if (publication[0] != Version)
            problem = $"version {publication[0]} of the carrier at byte 0; expected {Version}";
        else if (publication[1] is < (byte)CarrierKind.Message or > (byte)CarrierKind.End)
            problem = $"kind {publication[1]} at byte 1; expected 1 to 4";
        if (problem.Length > 0)
            return false;
        header = new CarrierHeader(
            (CarrierKind)publication[1],
            BinaryPrimitives.ReadUInt32BigEndian(publication[4..]),
            BinaryPrimitives.ReadUInt64BigEndian(publication[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(publication[16..]));
        return true;
    }

    /// <summary>Writes <see cref="Bytes"/> bytes.</summary>
    /// <exception cref="ArgumentException">There is less room.</exception>
    public void Write(Span<byte> destination)
    {
        if (destination.Length < Bytes)
            throw new ArgumentException($"Room for {Bytes} bytes is needed.", nameof(destination));
        destination[0] = Version;
        destination[1] = (byte)Kind;
        destination[2..4].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], Key);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Number);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], Taken);
    }
}
