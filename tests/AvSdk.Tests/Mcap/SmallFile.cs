using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap;

/// <summary>A file of every kind of record, small enough to be cut at each of its bytes.</summary>
internal static class SmallFile
{
    public const int Messages = 12;

    public static McapSchema Schema { get; } = new(1, "demo.Imu", "protobuf", "schema"u8.ToArray());

    public static McapChannel First { get; } = new(
        1, 1, "/imu", "protobuf", new Dictionary<string, string> { ["unit"] = "m/s²" });

    public static McapChannel Second { get; } = new(2, 0, "/raw", "application/octet-stream");

    public static McapMetadata Metadata { get; } = new(
        "av.recording", new Dictionary<string, string> { ["vehicle_id"] = "veh-042" });

    public static McapAttachment Attachment { get; } = new(5, 0, "a.txt", "text/plain", "hello"u8.ToArray());

    public static byte[] Write(ChunkCompression? compression = null, int chunkBytes = 200)
    {
        using MemoryStream stream = new();
        McapWriterOptions options = new()
        {
            Profile = "p",
            ChunkBytes = chunkBytes,
            Compression = compression ?? ChunkCompression.Lz4,
        };
        using (McapWriter writer = new(stream, options, leaveOpen: true))
        {
            writer.WriteMetadata(Metadata);
            writer.AddSchema(Schema);
            writer.AddChannel(First);
            writer.AddChannel(Second);
            for (int i = 0; i < Messages; i++)
            {
                writer.WriteMessage(i % 3 == 2 ? Second.Id : First.Id, (uint)i, LogTime(i), LogTime(i),
                    Payload(i));
            }

            writer.WriteAttachment(Attachment);
            writer.WritePrivateRecord(0x80, "private"u8);
        }

        return stream.ToArray();
    }

    public static ulong LogTime(int i) => 1000 + ((ulong)i * 10);

    public static byte[] Payload(int i) => [.. Enumerable.Repeat((byte)i, 24)];
}
