using System.Buffers;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap;

public sealed class ChunkBuilderTests
{
    public static TheoryData<string> Compressions => ["", "lz4", "zstd"];

    [Theory]
    [MemberData(nameof(Compressions))]
    public void A_body_gives_back_every_message_and_says_what_it_holds(string name)
    {
        ChunkCompression compression = Of(name);
        using ChunkBuilder builder = new();
        Fill(builder, 1000);
        ArrayBufferWriter<byte> output = new();
        ChunkBodySize size = builder.WriteBody(compression, output);

        Assert.Equal(name, size.Compression);
        Assert.Equal(output.WrittenCount, size.BodyBytes);
        Assert.True(ChunkBody.TryParse(output.WrittenSpan, out ChunkBodyInfo info));
        Assert.Equal(size.UncompressedBytes, info.UncompressedBytes);
        Assert.Equal(size.CompressedBytes, info.RecordsBytes);
        Assert.Equal(1000, info.MessageCount);
        Assert.Equal([1, 2, 9], info.Channels.Select(c => (int)c.ChannelId));
        Assert.Equal((builder.FirstLogTime, builder.LastLogTime),
            (info.MessageStartTime, info.MessageEndTime));
        Assert.Equal(
            builder.Channels().Select(c => (c.ChannelId, c.Messages)),
            info.Channels.Select(c => (c.ChannelId, c.Messages)));

        using IMemoryOwner<byte> records = ChunkBody.Decompress(output.WrittenSpan);
        int i = 0;
        foreach (McapMessageView message in ChunkBody.Messages(records.Memory.Span))
        {
            Assert.Equal(ChannelOf(i), message.ChannelId);
            Assert.Equal((uint)i, message.Sequence);
            Assert.Equal(LogTimeOf(i), message.LogTime);
            Assert.Equal(LogTimeOf(i) - 1, message.PublishTime);
            Assert.Equal(i % 50, message.Data.Length);
            Assert.False(message.Data.ContainsAnyExcept((byte)i));
            i++;
        }

        Assert.Equal(1000, i);
    }

    [Fact]
    public void The_message_index_points_at_the_messages()
    {
        using ChunkBuilder builder = new();
        Fill(builder, 300);
        ArrayBufferWriter<byte> output = new();
        builder.WriteBody(ChunkCompression.Lz4, output);
        ReadOnlySpan<byte> body = output.WrittenSpan;
        Assert.True(ChunkBody.TryParse(body, out ChunkBodyInfo info));
        using IMemoryOwner<byte> records = ChunkBody.Decompress(body);
        foreach (ChunkBodyChannel channel in info.Channels)
        {
            McapMessageIndexView index = ChunkBody.MessageIndex(body, channel);
            Assert.Equal(channel.Messages, index.Count);
            for (int i = 0; i < index.Count; i++)
            {
                (ulong logTime, ulong offset) = index[i];
                ChunkMessages at = ChunkBody.Messages(records.Memory.Span[(int)offset..]);
                Assert.True(at.MoveNext());
                Assert.Equal(channel.ChannelId, at.Current.ChannelId);
                Assert.Equal(logTime, at.Current.LogTime);
            }
        }
    }

    [Fact]
    public void Adding_messages_allocates_nothing_once_the_buffers_have_grown()
    {
        using ChunkBuilder builder = new();
        ArrayBufferWriter<byte> output = new(1 << 20);
        for (int round = 0; round < 3; round++)
        {
            Fill(builder, 5000);
            output.ResetWrittenCount();
            builder.WriteBody(ChunkCompression.Lz4, output);
            builder.Reset();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Fill(builder, 5000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_removed_message_leaves_no_trace()
    {
        using ChunkBuilder builder = new();
        using ChunkBuilder other = new();
        Fill(builder, 10);
        Fill(other, 10);
        builder.AddMessage(700, 1, ulong.MaxValue, 1, 100_000);
        builder.RemoveLastMessage();
        Assert.Throws<InvalidOperationException>(builder.RemoveLastMessage);

        ArrayBufferWriter<byte> output = new();
        ArrayBufferWriter<byte> otherOutput = new();
        builder.WriteBody(ChunkCompression.None, output);
        other.WriteBody(ChunkCompression.None, otherOutput);
        Assert.Equal(otherOutput.WrittenSpan, output.WrittenSpan);
        Assert.Equal(other.Channels(), builder.Channels());
    }

    [Fact]
    public void What_does_not_compress_is_stored_plain()
    {
        using ChunkBuilder builder = new();
        new Random(1).NextBytes(builder.AddMessage(1, 0, 5, 5, 100_000));
        ArrayBufferWriter<byte> output = new();
        ChunkBodySize size = builder.WriteBody(ChunkCompression.Lz4, output);
        Assert.Equal("", size.Compression);
        using IMemoryOwner<byte> records = ChunkBody.Decompress(output.WrittenSpan);
        Assert.Equal(size.UncompressedBytes, records.Memory.Length);

        output.ResetWrittenCount();
        size = builder.WriteBody(ChunkCompression.Lz4 with { PlainAbove = 2 }, output);
        Assert.Equal("lz4", size.Compression);
        using IMemoryOwner<byte> again = ChunkBody.Decompress(output.WrittenSpan);
        Assert.Equal(records.Memory.Span, again.Memory.Span);
    }

    [Fact]
    public void A_message_larger_than_the_buffer_makes_it_grow()
    {
        using ChunkBuilder builder = new(initialBytes: 0);
        builder.AddMessage(1, 0, 1, 1, 10).Fill(1);
        builder.AddMessage(2, 0, 2, 2, 5_000_000).Fill(2);
        ArrayBufferWriter<byte> output = new();
        builder.WriteBody(ChunkCompression.Lz4, output);
        using IMemoryOwner<byte> records = ChunkBody.Decompress(output.WrittenSpan);
        ChunkMessages messages = ChunkBody.Messages(records.Memory.Span);
        Assert.True(messages.MoveNext());
        Assert.False(messages.Current.Data.ContainsAnyExcept((byte)1));
        Assert.True(messages.MoveNext());
        Assert.Equal(5_000_000, messages.Current.Data.Length);
        Assert.False(messages.Current.Data.ContainsAnyExcept((byte)2));
        Assert.False(messages.MoveNext());
    }

    [Fact]
    public void An_empty_builder_writes_an_empty_chunk()
    {
        using ChunkBuilder builder = new();
        ArrayBufferWriter<byte> output = new();
        builder.WriteBody(ChunkCompression.Lz4, output);
        Assert.True(ChunkBody.TryParse(output.WrittenSpan, out ChunkBodyInfo info));
        Assert.Equal((0UL, 0UL, 0L), (info.MessageStartTime, info.MessageEndTime, info.MessageCount));
        using IMemoryOwner<byte> records = ChunkBody.Decompress(output.WrittenSpan);
        Assert.Equal(0, records.Memory.Length);
    }

    internal static ChunkCompression Of(string name)
    {
        ChunkCompression compression = name switch
        {
            "lz4" => ChunkCompression.Lz4,
            "zstd" => ChunkCompression.Zstd,
            _ => ChunkCompression.None,
        };
        if (!compression.IsAvailable)
            Assert.Skip("no libzstd.so.1");
        return compression;
    }

    private static ushort ChannelOf(int i) => (ushort)(i % 7 == 0 ? 9 : 2 - (i % 2));

    private static ulong LogTimeOf(int i) => 1_000_000 + ((ulong)i * 10) - (ulong)(i % 3 * 15);

    private static void Fill(ChunkBuilder builder, int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            builder.AddMessage(ChannelOf(i), (uint)i, LogTimeOf(i), LogTimeOf(i) - 1, i % 50).Fill((byte)i);
        }
    }
}
