using System.Text;
using AvSdk.Mcap;
using AvSdk.Mcap.Tool.Edits;

namespace AvSdk.Tests.McapTool.Edits;

/// <summary>Several files into one.</summary>
public sealed class MergeEditTests
{
    [Fact]
    public void Equal_definitions_become_one_and_others_get_ids_of_their_own()
    {
        byte[] first = File(writer =>
        {
            writer.AddSchema(new McapSchema(1, "A", "jsonschema", "a"u8.ToArray()));
            writer.AddSchema(new McapSchema(2, "B", "jsonschema", "b"u8.ToArray()));
            writer.AddChannel(new McapChannel(0, 1, "/a", "json"));
            writer.AddChannel(new McapChannel(1, 2, "/b", "json"));
            writer.WriteMessage(0, 1, 10, 1, "a0"u8);
            writer.WriteMessage(1, 2, 30, 1, "b0"u8);
        });
        byte[] second = File(writer =>
        {
            // The same schema B under the id of A, another A, and the topic /a with that.
            writer.AddSchema(new McapSchema(1, "B", "jsonschema", "b"u8.ToArray()));
            writer.AddSchema(new McapSchema(2, "A", "jsonschema", "other"u8.ToArray()));
            writer.AddChannel(new McapChannel(0, 1, "/b", "json"));
            writer.AddChannel(new McapChannel(1, 2, "/a", "json"));
            writer.AddChannel(new McapChannel(2, 0, "/b", "json"));
            writer.WriteMessage(0, 3, 10, 1, "b1"u8);
            writer.WriteMessage(1, 4, 20, 1, "a1"u8);
            writer.WriteMessage(2, 5, 30, 1, "c1"u8);
        });

        using McapIndexedReader merged = Merge(first, second, out EditReport report);
        Assert.Equal(4, report.Channels);
        Assert.Equal(5UL, report.Messages);
        Assert.Equal(["a", "b", "other"], merged.Schemas.Values.Select(schema => Encoding.UTF8.GetString(schema.Data.Span)).Order());
        Assert.Equal(4, merged.Channels.Count);
        // By time; equal times in the order of the inputs.
        Assert.Equal(["a0 /a a", "b1 /b b", "a1 /a other", "b0 /b b", "c1 /b "], Messages(merged));
    }

    [Fact]
    public void Equal_metadata_and_attachments_are_written_once()
    {
        static void Extras(McapWriter writer, string last)
        {
            writer.WriteMetadata(new McapMetadata("m", new Dictionary<string, string> { ["k"] = "v" }));
            writer.WriteMetadata(new McapMetadata("m", new Dictionary<string, string> { ["k"] = last }));
            writer.WriteAttachment(new McapAttachment(1, 2, "a", "text/plain", "same"u8.ToArray()));
            writer.WriteAttachment(new McapAttachment(1, 2, "a", "text/plain", Encoding.UTF8.GetBytes(last)));
        }

        using McapIndexedReader merged = Merge(
            File(writer => Extras(writer, "1")), File(writer => Extras(writer, "2")), out EditReport report);
        Assert.Equal((3, 3), (report.Metadata, report.Attachments));
        Assert.Equal(["v", "1", "2"], merged.MetadataIndexes.Select(index => merged.ReadMetadata(index).Values["k"]));
        Assert.Equal(
            ["same", "1", "2"],
            merged.Attachments.Select(index => Encoding.UTF8.GetString(merged.ReadAttachment(index).Data.Span)));
    }

    [Fact]
    public void Files_that_overlap_out_of_order_come_out_in_order()
    {
        Random random = new(5);
        byte[][] files =
        [
            .. Enumerable.Range(0, 4).Select(_ => File(writer =>
            {
                ushort channel = writer.AddChannel("/t", "json");
                for (uint i = 0; i < 500; i++)
                    writer.WriteMessage(channel, i, (ulong)random.Next(1000), 1, new byte[20]);
            }, chunkBytes: 1000)),
        ];
        MergeInput[] inputs = [.. files.Select((file, i) => new MergeInput($"{i}", McapIndexedReader.Open(new MemorySource(file))))];
        using MemoryStream output = new();
        using McapWriter writer = new(output);
        EditReport report = MergeEdit.Run(inputs, writer, null, TestContext.Current.CancellationToken);
        writer.Finish();
        Assert.Equal(2000UL, report.Messages);
        Assert.Equal(1, report.Channels);
        using McapStreamReader reader = new(new MemoryStream(output.ToArray()));
        ulong last = 0;
        while (reader.ReadMessage())
        {
            Assert.True(reader.Message.LogTime >= last);
            last = reader.Message.LogTime;
        }
    }

    private static byte[] File(Action<McapWriter> write, int chunkBytes = 4 << 20)
    {
        using MemoryStream file = new();
        using (McapWriter writer = new(file, new McapWriterOptions { ChunkBytes = chunkBytes }, leaveOpen: true))
            write(writer);
        return file.ToArray();
    }

    private static McapIndexedReader Merge(byte[] first, byte[] second, out EditReport report)
    {
        using MemoryStream output = new();
        using (McapWriter writer = new(output, leaveOpen: true))
        {
            MergeInput[] inputs =
            [
                new("first", McapIndexedReader.Open(new MemorySource(first))),
                new("second", McapIndexedReader.Open(new MemorySource(second))),
            ];
            report = MergeEdit.Run(inputs, writer, null, TestContext.Current.CancellationToken);
        }

        return McapIndexedReader.Open(new MemorySource(output.ToArray()));
    }

    private static IEnumerable<string> Messages(McapIndexedReader reader)
    {
        List<string> lines = [];
        using McapMessageCursor messages = reader.Read(new McapQuery { Order = McapOrder.File });
        while (messages.MoveNext())
        {
            string schema = reader.Schemas.TryGetValue(messages.Channel.SchemaId, out McapSchema? found)
                ? Encoding.UTF8.GetString(found.Data.Span) : "";
            lines.Add($"{Encoding.UTF8.GetString(messages.Current.Data)} {messages.Channel.Topic} {schema}");
        }

        return lines;
    }
}
