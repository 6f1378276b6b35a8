using System.Buffers;
using System.Net.Sockets;
using AvSdk.Ingestion;
using AvSdk.Mcap;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Client;

/// <summary>The resumable protocol byte by byte, as a client in another language would speak it.</summary>
public sealed class SourceProtocolTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_source_that_connects_again_is_told_what_is_durable_and_repeats_without_harm()
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        Guid source = Guid.NewGuid();
        using RawClient first = await RawClient.ConnectAsync(agent, source);
        Assert.Empty((await first.WelcomeAsync()).Positions);
        await first.SendAsync(output =>
        {
            Define(output);
            IngestRecords.Write(output, new NextOrdinalRecord(1, 1));
            Messages(output, 1, 5);
            IngestRecords.WriteFlush(output, 77);
        });
        FlushedRecord flushed = await first.FlushedAsync();
        Assert.Equal(new FlushedRecord(77, ""), flushed);
        await first.SendAsync(output => Messages(output, 6, 8));
        await Eventually.Holds(() => agent.Recorder.Ledger.Accepted == 8);

        // The first connection is still open: its client did not notice that the network was lost.
        using RawClient second = await RawClient.ConnectAsync(agent, source);
        TopicPosition durable = Assert.Single((await second.WelcomeAsync()).Positions);
        Assert.Equal("/a", durable.Topic);
        Assert.InRange(durable.Messages, 5UL, 8UL);
        Assert.True(await first.IsClosedAsync());
        await second.SendAsync(output =>
        {
            Define(output);
            IngestRecords.Write(output, new NextOrdinalRecord(1, 4));
            Messages(output, 4, 12);
            IngestRecords.WriteFlush(output, 78);
        });
        await second.FlushedAsync();
        await agent.StopAsync();
        Assert.Equal(
            Enumerable.Range(1, 12).Select(each => (uint)each), agent.ReadAll()["/a"].Select(each => each.Sequence));
    }

    [Fact]
    public async Task A_gap_in_the_ordinals_is_refused()
    {
        await using SocketBench agent = new();
        await agent.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(agent, Guid.NewGuid());
        await client.WelcomeAsync();
        await client.SendAsync(output =>
        {
            Define(output);
            IngestRecords.Write(output, new NextOrdinalRecord(1, 3));
        });
        ErrorRecord error = await client.ErrorAsync();
        Assert.Contains("message 3 comes after 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_too_large_for_the_recorder_is_answered_for_and_the_next_goes_on()
    {
        await using SocketBench agent = new()
        {
            Options = new() { VehicleId = "veh-042", FreeBytesMin = 0, MessageBytesMax = 1000 },
        };
        await agent.StartAsync();
        using RawClient client = await RawClient.ConnectAsync(agent, Guid.NewGuid());
        Assert.Equal(1000U, (await client.WelcomeAsync()).MessageBytesMax);
        await client.SendAsync(output =>
        {
            Define(output);
            IngestRecords.Write(output, new NextOrdinalRecord(1, 1));
            Messages(output, 1, 1);
            McapRecordWriter.WriteMessage(output, new McapMessageView(1, 2, 2, 2, new byte[1001]));
            Messages(output, 3, 3);
            McapRecordWriter.WriteMessage(output, new McapMessageView(1, 4, 4, 4, new byte[1001]));
            IngestRecords.WriteFlush(output, 1);
        });
        Assert.Equal("", (await client.FlushedAsync()).Failure);
        Assert.Equal(4UL, client.Durable);
        Assert.Equal((2UL, 2UL), (agent.Recorder.Ledger.Accepted, agent.Recorder.Ledger.Dropped));
    }

    private static void Define(IBufferWriter<byte> output) =>
        McapRecordWriter.WriteChannel(output, new McapChannel(1, 0, "/a", "raw"));

    private static void Messages(IBufferWriter<byte> output, uint first, uint last)
    {
        for (uint i = first; i <= last; i++)
            McapRecordWriter.WriteMessage(output, new McapMessageView(1, i, i, i, Bench.Payload(i, 50)));
    }

    private sealed class RawClient : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly IngestStreamParser _parser = new(McapLimits.Default);

        /// <summary>What the agent last said to be durable of the one topic.</summary>
        public ulong Durable { get; private set; }

        public static async Task<RawClient> ConnectAsync(SocketBench agent, Guid source)
        {
            RawClient client = new();
            await client._socket.ConnectAsync(new UnixDomainSocketEndPoint(agent.SocketPath), Token);
            await client.SendAsync(output =>
            {
                McapRecordWriter.WriteMagic(output);
                McapRecordWriter.WriteHeader(output, new McapHeader("", "raw"));
                IngestRecords.Write(output, new HelloRecord(1, source, "raw"));
            });
            return client;
        }

        public async Task SendAsync(Action<IBufferWriter<byte>> write)
        {
            ArrayBufferWriter<byte> output = new();
            write(output);
            await _socket.SendAsync(output.WrittenMemory, Token);
        }

        public async Task<WelcomeRecord> WelcomeAsync()
        {
            Assert.True(IngestRecords.TryParseWelcome(await ReadAsync(IngestOpcode.Welcome), out WelcomeRecord welcome));
            return welcome;
        }

        public async Task<FlushedRecord> FlushedAsync()
        {
            Assert.True(IngestRecords.TryParseFlushed(await ReadAsync(IngestOpcode.Flushed), out FlushedRecord flushed));
            return flushed;
        }

        public async Task<ErrorRecord> ErrorAsync()
        {
            Assert.True(IngestRecords.TryParseError(await ReadAsync(IngestOpcode.Error), out ErrorRecord error));
            return error;
        }

        public async Task<bool> IsClosedAsync()
        {
            try
            {
                while (await _socket.ReceiveAsync(new byte[4096], Token) > 0)
                {
                }
            }
            catch (SocketException)
            {
                // Reset: closed as well.
            }

            return true;
        }

        public void Dispose()
        {
            _socket.Dispose();
            _parser.Dispose();
        }

        private async Task<byte[]> ReadAsync(IngestOpcode opcode)
        {
            while (true)
            {
                if (_parser.TryRead(out IngestRecord record) != IngestRead.Record)
                {
                    int bytes = await _socket.ReceiveAsync(_parser.GetMemory(), Token);
                    Assert.NotEqual(0, bytes);
                    _parser.Advance(bytes);
                    continue;
                }

                if (record.Opcode == (byte)IngestOpcode.Durable
                    && IngestRecords.TryParseDurable(record.Content.Span, out IReadOnlyList<TopicPosition> positions))
                {
                    Durable = positions[^1].Messages;
                }

                if (record.Opcode == (byte)opcode)
                    return record.Content.ToArray();
            }
        }
    }
}
