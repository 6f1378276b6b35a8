// A segment: one standard MCAP file with chunks of one lane of one recording.
//
// Name      <recording id, UUID text>/<lane>/<sequence of its first chunk, 12 digits>.mcap
//           ("-2", "-3", ... after the digits where an attempt failed whose name was used)
// Layout    magic, Header (profile "", library "avsdk")
//           Metadata "av.recording": recording_id, vehicle_id, lane, started_at (ns), recorder, begun_at (of
//               the segment, ns), label.<key> for each label of the operator, and check (CRC-32 of the others,
//               in order of key)
//           then, for each chunk:
//             Schema and Channel records that the segment does not have yet; ids are the recording's
//             private record, opcode 0x80: av.v1.ChunkRecord (header, positions of sources, check; see RecordCheck)
//             the body: one Chunk record and its MessageIndex records, byte for byte as the gateway gets it
//           and, once sealed: private record, opcode 0x81: a ChunkRecord with the name of the last chunk, the
//               positions of sources after it, end (1: all before it was durable when it was written) and check;
//               then u32 LE length of that, so that it is found from behind
//           DataEnd, summary (schemas, channels, statistics, indexes), Footer, magic
// Evicted   Where some chunks are evicted and others stay, the segment is written anew: as "<name>.new", flushed,
//           then renamed. A chunk that has ended leaves its record, which says so, without a body behind it.
// Limits    sealed at the lane's SegmentBytesMax (or a quarter of its quota) or SegmentAgeMax, whichever is
//           first; a chunk is never split, so one large chunk may make a segment longer.
// Crash     A segment without its end is read by scanning; it is cut after the last chunk that is whole and
//           whose hash is right, and sealed. After a failed write or flush the file is cut back to its last
//           good flush and never written again; the chunks after it go to the next segment, from memory.
using System.Globalization;
using System.Text;
using AvSdk.Mcap;

namespace AvSdk.Recording.Spool;

/// <summary>Names and numbers of the segment format.</summary>
internal static class SegmentFormat
{
    public const byte ChunkRecordOpcode = 0x80;
    public const byte PositionsOpcode = 0x81;
    public const string MetadataName = "av.recording";
    public const string LabelPrefix = "label.";
    public const string CheckKey = "check";
    public const string Extension = ".mcap";
    public const string DamagedExtension = ".damaged";
    public const string NewExtension = ".new";

    /// <summary>What <see cref="CheckKey"/> has to hold beside these.</summary>
    public static string CheckOf(IReadOnlyDictionary<string, string> values)
    {
        StringBuilder text = new();
        foreach ((string key, string value) in values.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (key != CheckKey)
                text.Append(key).Append('\0').Append(value).Append('\0');
        }

        return Crc32.Compute(Encoding.UTF8.GetBytes(text.ToString())).ToString("x8", CultureInfo.InvariantCulture);
    }

    public static string FileName(Guid recordingId, string lane, ulong firstSequence, int attempt) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{recordingId:D}/{lane}/{firstSequence:D12}{(attempt > 1 ? "-" + attempt : "")}{Extension}");

    /// <summary>False: the name is not a segment's.</summary>
    public static bool TryParse(string fileName, out SegmentName name)
    {
        name = default;
        string[] parts = fileName.Split('/');
        if (parts.Length != 3 || !parts[2].EndsWith(Extension, StringComparison.Ordinal))
            return false;
        string[] numbers = parts[2][..^Extension.Length].Split('-');
        int attempt = 1;
        if (!Guid.TryParseExact(parts[0], "D", out Guid recordingId)
            || !ulong.TryParse(numbers[0], CultureInfo.InvariantCulture, out ulong first)
            || (numbers.Length > 1 && !int.TryParse(numbers[1], CultureInfo.InvariantCulture, out attempt)))
        {
            return false;
        }

        name = new SegmentName(fileName, recordingId, parts[1], first, attempt);
        return true;
    }
}
