using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap.Recovery;

/// <summary>What a recovery made of some bytes: the report, and the file read back strictly.</summary>
internal sealed class Recovered
{
    public required McapRecoveryReport Report { get; init; }

    public required byte[] File { get; init; }

    /// <summary>The messages in file order.</summary>
    public required List<Message> Messages { get; init; }

    public List<McapAttachment> Attachments { get; } = [];

    public List<McapMetadata> Metadata { get; } = [];

    public List<(McapOpcode Opcode, string Content)> Privates { get; } = [];

    public static Recovered From(byte[] damaged, McapRecoveryOptions? options = null)
    {
        using MemoryStream output = new();
        McapRecoveryReport report = McapRecovery.Recover(
            new MemorySource(damaged), new StreamSink(output), options, null, TestContext.Current.CancellationToken);
        return Read(output.ToArray(), report);
    }

    /// <summary>Reads a good file; throws for what is not one.</summary>
    public static Recovered Read(byte[] file, McapRecoveryReport? report = null)
    {
        Recovered result = new() { Report = report ?? new McapRecoveryReport(), File = file, Messages = [] };
        using McapStreamReader reader = new(new MemoryStream(file));
        while (reader.Read())
        {
            switch (reader.Opcode)
            {
                case McapOpcode.Message:
                    McapMessageView message = reader.Message;
                    result.Messages.Add(new Message(reader.MessageChannel.Topic, message.ChannelId, message.Sequence,
                        message.LogTime, message.PublishTime, Convert.ToHexString(message.Data)));
                    break;
                case McapOpcode.Attachment:
                    Assert.True(McapRecordReader.TryParseAttachment(
                        reader.Content, McapLimits.Default, out McapAttachment attachment, out _));
                    result.Attachments.Add(attachment);
                    break;
                case McapOpcode.Metadata:
                    Assert.True(McapRecordReader.TryParseMetadata(
                        reader.Content, McapLimits.Default, out McapMetadata metadata, out _));
                    result.Metadata.Add(metadata);
                    break;
                case >= (McapOpcode)McapRecordWriter.PrivateOpcodeMin:
                    result.Privates.Add((reader.Opcode, Convert.ToHexString(reader.Content)));
                    break;
                default:
                    break;
            }
        }

        return result;
    }

    internal sealed record Message(
        string Topic, ushort ChannelId, uint Sequence, ulong LogTime, ulong PublishTime, string Data);
}
