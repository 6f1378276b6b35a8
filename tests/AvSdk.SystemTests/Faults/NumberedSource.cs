using AvSdk.Ingestion;
using AvSdk.Recording;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Faults;

/// <summary>
/// A source with the SDK that writes numbered messages at a pace, and waits where the agent is behind or gone.
/// </summary>
internal sealed class NumberedSource : IAsyncDisposable
{
    private const int RoundMessages = 20;
    private readonly SocketRecorder _recorder;
    private readonly (NumberedTopic Topic, RecordingChannel Channel)[] _channels;
    private readonly Dictionary<string, uint> _written = NumberedTopic.All.ToDictionary(topic => topic.Name, _ => 0u);

    private NumberedSource(SocketRecorder recorder)
    {
        _recorder = recorder;
        _channels =
        [
            .. NumberedTopic.All.Select(topic => (
                topic,
                recorder.Channel(new ChannelSpec
                {
                    Topic = topic.Name,
                    MessageEncoding = "application/octet-stream",
                    Lane = topic.Lane,
                }))),
        ];
    }

    /// <summary>By topic, the number of its last message: it wrote each from 1.</summary>
    public IReadOnlyDictionary<string, uint> Written => _written;

    public ulong Messages => _written.Values.Aggregate(0UL, static (sum, count) => sum + count);

    /// <summary>Of payload.</summary>
    public long Bytes { get; private set; }

    public ulong Undurable => _recorder.Undurable;

    /// <summary>It need not have an agent yet.</summary>
    public static async Task<NumberedSource> ConnectAsync(AgentSetup agent, int memoryBytesMax = 1 << 20)
    {
        SocketRecorderOptions options = new()
        {
            MemoryBytesMax = memoryBytesMax,
            MessageBytesMax = 64 << 10,
            StartsWithoutAgent = true,
            RetryDelay = TimeSpan.FromMilliseconds(10),
            RetryDelayMax = TimeSpan.FromMilliseconds(200),
        };
        return new NumberedSource(await SocketRecorder.ConnectAsync(
            agent.SocketAddress, options, TestContext.Current.CancellationToken));
    }

    /// <summary>
    /// Writes until it is told to end; never more than the pace, in rounds of 20 messages of which one is large.
    /// </summary>
    public async Task WriteAsync(int bytesPerSecond, CancellationToken ending)
    {
        long begun = TimeProvider.System.GetTimestamp();
        long before = Bytes;
        while (!ending.IsCancellationRequested)
        {
            await WriteRoundAsync();
            TimeSpan ahead = TimeSpan.FromSeconds((double)(Bytes - before) / bytesPerSecond)
                - TimeProvider.System.GetElapsedTime(begun);
            if (ahead > TimeSpan.Zero)
                await Task.Delay(ahead, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task WriteRoundsAsync(int rounds)
    {
        for (int round = 0; round < rounds; round++)
            await WriteRoundAsync();
    }

    public Task FlushAsync() => _recorder.FlushAsync(TestContext.Current.CancellationToken)
        .WaitAsync(Deadlines.Step, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _recorder.DisposeAsync();

    private async Task WriteRoundAsync()
    {
        for (int i = 0; i < RoundMessages; i++)
        {
            // One large message a round, and the small topics in turn.
            (NumberedTopic topic, RecordingChannel channel) = i == 0 ? _channels[^1] : _channels[i % (_channels.Length - 1)];
            uint number = _written[topic.Name] + 1;
            byte[] payload = topic.Payload(number);
            ulong time = NumberedTopic.LogTime(number);
            WriteResult result = await channel
                .WriteRawAsync(new MessageStamp(time, time, number), payload, TestContext.Current.CancellationToken);
            Assert.Equal(WriteResult.Accepted, result);
            _written[topic.Name] = number;
            Bytes += payload.Length;
        }
    }
}
