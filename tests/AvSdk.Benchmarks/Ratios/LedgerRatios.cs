using AvSdk.Contracts.V1;
using AvSdk.Recording;
using AvSdk.Recording.Ledger;
using AvSdk.Recording.Spool;
using AvSdk.Sources;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// The ledger's part of a drive that is recorded second by second. It cannot be turned off, so all that it does for the
/// drive's messages, chunks and seconds is done again on its own, on one thread, and held against the CPU time of the
/// recording; every chunk counts as delivered within its second, which is when a ledger has the most to say.
/// </summary>
internal static class LedgerRatios
{
    private const int Rounds = 5;
    private const int WarmUps = 20;

    public static async Task MeasureAsync(RatioSizes sizes, List<Ratio> ratios)
    {
        Drive drive = Drive.Make(TimeSpan.FromSeconds(sizes.Seconds));
        double[] shares = new double[Rounds];
        double bytes = 0;
        Recorded first = await RecordAsync(drive);
        // A drive has hours for the JIT.
        for (int round = 0; round < WarmUps; round++)
            Replay(drive, first);
        for (int round = 0; round < Rounds; round++)
        {
            Recorded recorded = await RecordAsync(drive);
            (double cpu, long ledgerBytes) = Replay(drive, recorded);
            shares[round] = 100 * cpu / recorded.CpuSeconds;
            bytes = 100.0 * ledgerBytes / recorded.SegmentBytes;
        }

        ratios.Add(new Ratio("ledger_cpu", "ledger, part of a recording's CPU time", Pair.Median(shares), "%", "our limit", 1));
        ratios.Add(new Ratio("ledger_bytes", "ledger, part of its bytes", bytes, "%", "our limit", 0.1));
    }

    private static async Task<Recorded> RecordAsync(Drive drive)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("avsdk-bench-ledger-");
        try
        {
            using TappedSpoolFiles files = new(folder.FullName);
            LocalRecorder recorder = await LocalRecorder.OpenAsync(
                new RecorderOptions { VehicleId = "bench" }, new RecorderPorts { Files = files }, CancellationToken.None);
            await using (recorder)
            {
                RecordingChannel[] channels = [.. drive.Topics.Select(topic => recorder.Channel(topic.ToChannelSpec(true)))];
                TimeSpan cpu = Environment.CpuUsage.TotalTime;
                foreach (List<DriveMessage> second in drive.Seconds)
                {
                    foreach (DriveMessage message in second)
                        await channels[message.Topic].WriteRawAsync(message.Stamp, message.Payload, CancellationToken.None);
                    await recorder.FlushAsync(CancellationToken.None);
                }

                double seconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
                CodecRatios.Check(recorder.Ledger.Dropped == 0, "messages were dropped");
                LaneChunks[] lanes =
                    [.. recorder.Status.Lanes.Select(static lane => new LaneChunks(lane.Name, lane.LastSequence, lane.PendingBytes))];
                return new Recorded(seconds, files.SegmentBytes, lanes);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (double CpuSeconds, long Bytes) Replay(Drive drive, Recorded recorded)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("avsdk-bench-ledger-");
        try
        {
            using TappedSpoolFiles files = new(folder.FullName);
            RecordingInfo info = new() { RecordingId = RecordingIds.ToBytes(Guid.CreateVersion7()), VehicleId = "bench" };
            SpoolRecording recording = new(new Guid(info.RecordingId.Span, bigEndian: true), info);
            RecordingLedger counters = new();
            TopicCounters[] topics =
                [.. drive.Topics.Select((topic, at) => counters.Add((uint)at + 1, topic.Topic, topic.Lane))];
            using SpoolLedgers ledgers = new(
                new LedgerPorts { Files = files, Time = TimeProvider.System, Log = NullLogger.Instance });
            SpoolLedger ledger = ledgers.Begin(recording, counters.CollectInto);
            byte[][] headers = [.. recorded.Lanes.Select(lane => Header(drive, info, lane).ToByteArray())];
            ulong[] told = new ulong[recorded.Lanes.Length];
            double start = ThreadClock.Seconds;
            for (int second = 0; second < drive.Seconds.Count; second++)
            {
                foreach (DriveMessage message in drive.Seconds[second])
                    topics[message.Topic].Accept(message.Stamp.LogTime);
                for (int lane = 0; lane < told.Length; lane++)
                {
                    (string name, ulong chunks, _) = recorded.Lanes[lane];
                    for (ulong until = chunks * (ulong)(second + 1) / (ulong)drive.Seconds.Count; told[lane] < until; told[lane]++)
                    {
                        // As the index does: the header is read for it.
                        ChunkHeader header = ChunkHeader.Parser.ParseFrom(headers[lane]);
                        ledger.NoteEnd(name, told[lane] + 1, ChunkEnd.Delivered, "", header);
                        foreach (ChunkChannel channel in header.Channels)
                            counters.Find(channel.ChannelId)?.End(ChunkEnd.Delivered, "", channel.Messages, header);
                    }
                }

                ledgers.Write(LedgerDue.Tick);
            }

            ledgers.Write(LedgerDue.All);
            return (ThreadClock.Seconds - start, files.LedgerBytes);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // A chunk of all channels of its lane: the longest that there is.
    private static ChunkHeader Header(Drive drive, RecordingInfo info, LaneChunks lane)
    {
        ByteString hash = ByteString.CopyFrom(new byte[32]);
        ChunkHeader header = new()
        {
            Ref = new ChunkRef { RecordingId = info.RecordingId, Lane = lane.Name, Sequence = 1 },
            Sha256 = hash,
            PreviousSha256 = hash,
            BodyBytes = (ulong)lane.Bytes / Math.Max(1, lane.Chunks),
            Compression = "lz4",
            FirstLogTime = SimulatedVehicleOptions.Default.StartTime,
            LastLogTime = SimulatedVehicleOptions.Default.StartTime + 1_000_000_000,
        };
        for (int topic = 0; topic < drive.Topics.Count; topic++)
        {
            if (drive.Topics[topic].Lane == lane.Name)
                header.Channels.Add(new ChunkChannel { ChannelId = (uint)topic + 1, Messages = 100 });
        }

        return header;
    }

    private readonly record struct LaneChunks(string Name, ulong Chunks, long Bytes);

    private readonly record struct DriveMessage(int Topic, MessageStamp Stamp, byte[] Payload);

    private sealed record Recorded(double CpuSeconds, long SegmentBytes, LaneChunks[] Lanes);

    /// <summary>A simulated drive in memory, second by second.</summary>
    private sealed record Drive(IReadOnlyList<SimulatedTopic> Topics, List<List<DriveMessage>> Seconds)
    {
        public static Drive Make(TimeSpan duration)
        {
            SimulatedVehicle vehicle = new(new SimulatedVehicleOptions { Duration = duration });
            Dictionary<string, int> topics = [];
            for (int at = 0; at < vehicle.Topics.Count; at++)
                topics.Add(vehicle.Topics[at].Topic, at);
            List<List<DriveMessage>> seconds = [];
            foreach (SimulatedMessage message in vehicle.Messages())
            {
                int second = (int)((message.Stamp.LogTime - SimulatedVehicleOptions.Default.StartTime) / 1_000_000_000);
                while (seconds.Count <= second)
                    seconds.Add([]);
                seconds[second].Add(new DriveMessage(topics[message.Topic], message.Stamp, message.Message.ToByteArray()));
            }

            return new Drive(vehicle.Topics, seconds);
        }
    }
}
