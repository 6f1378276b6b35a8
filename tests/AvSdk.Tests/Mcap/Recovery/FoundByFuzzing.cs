using System.Buffers.Binary;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Recovery;

/// <summary>What fuzz runs found, each made again in code.</summary>
public sealed class FoundByFuzzing
{
    private readonly byte[] _file = SmallFile.Write();
    private readonly McapScan _scan = McapScan.Run(new MemorySource(SmallFile.Write()));

    [Fact]
    public void A_chunk_of_which_only_the_opcode_was_hit_is_a_chunk()
    {
        _file[_scan.Chunks[1].Offset] ^= 0x80;
        Recovered recovered = Recovered.From(_file);
        Assert.Equal(SmallFile.Messages, recovered.Messages.Count);
        Assert.False(recovered.Report.IsLossy);
        Assert.NotEmpty(recovered.Report.Mended);
    }

    [Fact]
    public void A_magic_that_lost_bytes_does_not_make_a_private_record_of_what_follows()
    {
        byte[] damaged = [.. _file[..1], .. _file[(int)_scan.Chunks[0].Offset..]];
        Recovered recovered = Recovered.From(damaged);
        Assert.True(recovered.Report.IsLossy);
        Assert.Equal(0, recovered.Report.Skipped[0].Offset);
        Assert.Equal(_scan.Chunks.Sum(c => c.Channels.Sum(n => n.Messages)), recovered.Messages.Count);
    }

    [Fact]
    public void A_file_that_ends_in_a_bare_DataEnd_prefix_has_no_summary()
    {
        byte[] cut = _file[..((int)_scan.DataEndOffset!.Value + 11)];
        Assert.Equal(SmallFile.Messages, Recovered.From(cut).Messages.Count);
        byte[] resealed = [.. cut, .. _file[^37..]];
        Assert.Equal(SmallFile.Messages, Recovered.From(resealed).Messages.Count);
    }

    [Fact]
    public void A_message_that_turned_private_in_a_file_without_CRCs_is_missed_by_the_statistics()
    {
        using MemoryStream stream = new();
        McapWriterOptions options = new()
        {
            ChunkCrcs = false,
            DataSectionCrc = false,
            Compression = ChunkCompression.None,
        };
        using (McapWriter writer = new(stream, options, leaveOpen: true))
        {
            writer.AddChannel(new McapChannel(1, 0, "/a", "json"));
            writer.WriteMessage(1, 0, 5, 5, "one"u8);
            writer.WriteMessage(1, 1, 6, 6, "twotwotwo"u8);
        }

        byte[] file = stream.ToArray();
        file[file.AsSpan().IndexOf("twotwotwo"u8) - 31] ^= 0x80;
        Recovered recovered = Recovered.From(file);
        Assert.Equal((true, 1L), (recovered.Report.IsLossy, recovered.Report.MessagesLost));
    }

    [Fact]
    public void A_record_whose_length_swallows_a_chunk_gives_it_back()
    {
        int metadata = (int)_scan.MetadataIndexes[0].Offset;
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(_file.AsSpan(metadata + 1));
        ulong end = (ulong)_scan.Chunks[1].Offset;
        BinaryPrimitives.WriteUInt64LittleEndian(_file.AsSpan(metadata + 1), end - (ulong)metadata - 9);
        Recovered recovered = Recovered.From(_file);
        Assert.True(length < end);
        Assert.Equal(SmallFile.Messages, recovered.Messages.Count);
        Assert.Equal(metadata, recovered.Report.Skipped[0].Offset);
    }

    [Fact]
    public void A_chunk_that_became_empty_is_not_good_because_it_has_no_CRC()
    {
        int chunk = (int)_scan.Chunks[0].Offset;
        _file.AsSpan(chunk + 9, 43).Clear();
        Recovered recovered = Recovered.From(_file);
        Assert.True(recovered.Report.IsLossy);
        Assert.Equal(SmallFile.Messages, recovered.Messages.Count + recovered.Report.MessagesLost);
        Assert.InRange(recovered.Report.MessagesLost!.Value, 1, 5);
    }

    [Fact]
    public void A_definition_of_the_summary_that_turned_into_a_message_is_none_of_the_data()
    {
        int summary = (int)_scan.DataEndOffset!.Value + 13;
        byte[] header = _file[8..(int)_scan.MetadataIndexes[0].Offset];
        int channel = _file.AsSpan(summary).IndexOf("/imu"u8) + summary - 17;
        Assert.Equal((byte)McapOpcode.Channel, _file[channel]);
        _file[channel] = (byte)McapOpcode.Message;
        foreach (byte[] damaged in new byte[][] { _file, [.. _file[..channel], .. header, .. _file[channel..]] })
        {
            Recovered recovered = Recovered.From(damaged);
            Assert.Equal(Recovered.Read(SmallFile.Write()).Messages, recovered.Messages);
            Assert.Equal(0, recovered.Report.MessagesUnchecked);
        }
    }

    [Fact]
    public void Chunk_indexes_that_overlap_far_behind_the_file_are_an_error_within_it()
    {
        byte[] file = SmallFile.Write();
        int start = (int)_scan.DataEndOffset!.Value + 13;
        for (int at = start; file[at] != (byte)McapOpcode.Footer; at += 9 + (int)BitConverter.ToInt64(file, at + 1))
        {
            if (file[at] == (byte)McapOpcode.ChunkIndex)
                BitConverter.TryWriteBytes(file.AsSpan(at + 9 + 16), 1L << 44);
        }

        BitConverter.TryWriteBytes(file.AsSpan(file.Length - 12), Crc32.Compute(file.AsSpan(start..^12)));
        McapException thrown = Assert.Throws<McapException>(() =>
        {
            using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
            using McapMessageCursor cursor = reader.Read(McapQuery.All);
            cursor.MoveNext();
        });
        Assert.Equal(McapErrorKind.IndexMismatch, thrown.Error.Kind);
        Assert.InRange(thrown.Error.Offset, 0, file.Length);
    }
}
