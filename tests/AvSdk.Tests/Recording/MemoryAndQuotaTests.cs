using AvSdk.Recording;
using AvSdk.Recording.Chunking;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class MemoryAndQuotaTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writing_a_message_allocates_nothing()
    {
        LaneOptions lane = Bench.Lane() with { ChunkBytes = 4 << 20 };
        await using LocalRecorder recorder = await new Bench { Options = RecordingToSpoolTests.OptionsOf(lane) }.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        byte[] payload = new byte[100];
        PayloadEncoder<int> clear = static (_, destination) => destination.Clear();
        for (int number = 0; number < 5000; number++)
        {
            channel.WriteRaw(Bench.At(1), payload);
            channel.Write(Bench.At(1), 100, number, clear);
        }

        // Within what the builder has grown to, and its index has: what is bought is for many messages, not for each.
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int number = 0; number < 1000; number++)
        {
            channel.WriteRaw(Bench.At(1), payload);
            channel.Write(Bench.At(1), 100, number, clear);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
    }

    [Fact]
    public async Task A_full_memory_drops_counts_and_recovers()
    {
        Bench bench = Stuck(out TaskCompletionSource release);
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        int accepted = 0;
        int refused = 0;
        WriteResult result = WriteResult.Accepted;
        for (uint number = 1; number <= messages && result == WriteResult.Accepted; number++)
        {
            // An open chunk grows in large steps: full is where not even a new one begins.
            for (int attempt = 0; attempt < 2; attempt++)
            {
                result = channel.WriteRaw(Bench.At(number, number), Bench.Payload(number, 30_000));
                if (number % 10 == 0 || result != WriteResult.Accepted)
                    await recorder.FlushAsync(Ct);
                if (result == WriteResult.Accepted)
                    break;
                refused++;
            }

            accepted += result == WriteResult.Accepted ? 1 : 0;
        }

        await recorder.FlushAsync(Ct);
        return (accepted, refused, result);
    }

    // A disk that takes nothing until it is released, and 1 MiB of memory.
    private static Bench Stuck(out TaskCompletionSource release)
    {
        TaskCompletionSource gate = new();
        release = gate;
        return new Bench
        {
            Options = RecordingToSpoolTests.OptionsOf(Bench.Lane()) with
            {
                MemoryBytesMax = 1 << 20,
                MessageBytesMax = 100_000,
            },
            Files = new MemoryFiles
            {
                BeforeAppend = name =>
                {
                    if (name.EndsWith(".mcap", StringComparison.Ordinal))
                        gate.Task.Wait(Ct);
                },
            },
        };
    }
}
