// Compiled ahead of time with every library of the agent's closure kept whole. Running it shows that what is
// most easily lost to trimming works: protobuf descriptors, the spool's system calls, LZ4, and the gRPC
// client.
using AvSdk;
using AvSdk.Contracts.Foxglove;
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Recording.Uplink;
using AvSdk.Uplink;

const int Messages = 20_000;
string folder = Directory.CreateTempSubdirectory("aotcheck-").FullName;
try
{
    Guid recordingId = await RecordAsync(folder).ConfigureAwait(false);
    ReadBack(folder, recordingId);
    await ReachNobodyAsync().ConfigureAwait(false);
    Console.WriteLine("ahead-of-time check: ok");
    return 0;
}
catch (CheckFailedException failure)
{
    Console.Error.WriteLine("ahead-of-time check: " + failure.Message);
    return 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static async Task<Guid> RecordAsync(string folder)
{
    RecorderOptions options = new() { VehicleId = "veh-aot", SpoolFolder = folder };
    LocalRecorder recorder = await LocalRecorder.OpenAsync(options, new RecorderPorts(), CancellationToken.None)
        .ConfigureAwait(false);
    await using (recorder.ConfigureAwait(false))
    {
        Channel<Imu> channel = recorder.Channel<Imu>("/imu", "telemetry");
        for (uint sequence = 1; sequence <= Messages; sequence++)
        {
            WriteResult result = channel.Write(sequence, Sample(sequence));
            Check(result == WriteResult.Accepted, $"message {sequence} was {result}");
        }

        await recorder.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        Check(recorder.Ledger.Accepted == Messages, $"the ledger counts {recorder.Ledger.Accepted}");
    }

    return recorder.RecordingId;
}

static void ReadBack(string folder, Guid recordingId)
{
    int messages = 0;
    foreach (string file in Directory.EnumerateFiles(folder, "*.mcap", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
    {
        Check(file.Contains(recordingId.ToString(), StringComparison.Ordinal), $"{file} is of another recording");
        using FileStream stream = File.OpenRead(file);
        using McapStreamReader reader = new(stream);
        while (reader.ReadMessage())
        {
            messages++;
            Imu sample = Imu.Parser.ParseFrom(reader.Message.Data);
            Check(sample.Equals(Sample((uint)messages)), $"message {messages} is not what was written");
            Check(reader.Schemas[reader.MessageChannel.SchemaId].Name == Imu.Descriptor.FullName, "another schema");
        }
    }

    Check(messages == Messages, $"{messages} messages were read");
}

// Nobody listens at the discard port: the whole client runs, and says so.
static async Task ReachNobodyAsync()
{
    try
    {
        IUplinkSession session = await new GrpcUplink("http://127.0.0.1:9").ConnectAsync(CancellationToken.None)
            .ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            await session.SendAsync(new UploadRequest { Open = new Open { Protocol = 1 } }, CancellationToken.None)
                .ConfigureAwait(false);
            await session.ReceiveAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
    catch (UplinkException refused)
    {
        Check(refused.IsTransient, $"a refused connection is not to be tried again: {refused.Message}");
        return;
    }

    throw new CheckFailedException("somebody answered at the discard port");
}

static Imu Sample(uint sequence) => new()
{
    FrameId = "imu",
    AngularVelocity = new Vector3 { X = sequence * 0.25, Y = -1, Z = 0.5 },
};

static void Check(bool holds, string otherwise)
{
    if (!holds)
        throw new CheckFailedException(otherwise);
}

internal sealed class CheckFailedException(string message) : Exception(message);
