using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Reading;

/// <summary>A file with messages at random times: chunks overlap as they like.</summary>
internal sealed class RandomDrive
{
    public static readonly string[] Topics = ["/a", "/b", "/c", "/never"];

    private RandomDrive(byte[] bytes, List<Got> messages)
    {
        Bytes = bytes;
        Messages = messages;
    }

    public byte[] Bytes { get; }

    /// <summary>In file order.</summary>
    public List<Got> Messages { get; }

    /// <param name="random">Decides everything else.</param>
    /// <param name="count">Messages.</param>
    /// <param name="chunkBytes">About so many bytes a chunk; 0: no chunks.</param>
    /// <param name="timesMax">Few times: many are equal; many times over a few messages: few are.</param>
    public static RandomDrive Write(Random random, int count, int chunkBytes, int timesMax,
        ChunkCompression? compression = null)
    {
        using MemoryStream stream = new();
        McapWriterOptions options = new()
        {
            ChunkBytes = chunkBytes,
            Compression = compression ?? (random.Next(2) == 0 ? ChunkCompression.None : ChunkCompression.Lz4),
        };
        List<Got> messages = [];
        using (McapWriter writer = new(stream, options, leaveOpen: true))
        {
            for (int i = 0; i < Topics.Length; i++)
                writer.AddChannel(new McapChannel((ushort)(i + 1), 0, Topics[i], "raw"));
            for (int i = 0; i < count; i++)
            {
                int topic = random.Next(Topics.Length - 1);
                byte[] payload = new byte[random.Next(80)];
                payload.AsSpan().Fill((byte)i);
                ulong time = (ulong)random.Next(timesMax);
                writer.WriteMessage((ushort)(topic + 1), (uint)i, time, time, payload);
                messages.Add(new Got(time, (uint)i, Topics[topic], payload.Length));
            }
        }

        return new RandomDrive(stream.ToArray(), messages);
    }

    public static List<Got> Read(McapMessageCursor cursor)
    {
        List<Got> got = [];
        using (cursor)
        {
            while (cursor.MoveNext())
                got.Add(Got.Of(cursor));
        }

        return got;
    }

    public static async Task<List<Got>> ReadAsync(McapMessageCursor cursor, CancellationToken cancellationToken)
    {
        List<Got> got = [];
        using (cursor)
        {
            while (await cursor.MoveNextAsync(cancellationToken))
                got.Add(Got.Of(cursor));
        }

        return got;
    }

    internal sealed record Got(ulong LogTime, uint Sequence, string Topic, int Bytes)
    {
        public static Got Of(McapMessageCursor cursor)
        {
            McapMessageView message = cursor.Current;
            Assert.False(message.Data.ContainsAnyExcept((byte)message.Sequence), "a payload is not the one written");
            return new Got(message.LogTime, message.Sequence, cursor.Channel.Topic, message.Data.Length);
        }
    }
}
