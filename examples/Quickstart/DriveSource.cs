using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Sources;
using AvSdk.Testing;
using Google.Protobuf;

namespace AvSdk.Quickstart;

/// <summary>Where the messages come from, and the truth about them, found without the recorder.</summary>
internal abstract class DriveSource
{
    public static DriveSource Of(QuickstartOptions options) =>
        options.InputFile is { } file ? new FileDrive(file) : new SimulatedDrive(options);

    /// <summary>For people.</summary>
    public abstract string Name { get; }

    /// <summary>Hashes of every topic, straight from the source.</summary>
    public abstract Truth ReadTruth(CancellationToken cancellationToken);

    /// <summary>Records all of it, as fast as the recorder takes it, and drops nothing.</summary>
    public abstract Task RecordAsync(
        IRecorder recorder, IProgress<SourceProgress> progress, CancellationToken cancellationToken);

    /// <summary>What a drive is made of: its hashes, and the schema name of each topic.</summary>
    internal sealed record Truth(DriveHash Hash, IReadOnlyDictionary<string, string> Schemas);

    private sealed class SimulatedDrive(QuickstartOptions options) : DriveSource
    {
        private readonly SimulatedVehicleOptions _vehicle =
            new() { Seed = (ulong)options.Seed, Duration = options.DriveDuration };

        public override string Name => $"a simulated drive of {_vehicle.Duration.TotalSeconds:0.#} s, seed {_vehicle.Seed}";

        public override Truth ReadTruth(CancellationToken cancellationToken)
        {
            DriveHash hash = new();
            SimulatedVehicle vehicle = new(_vehicle);
            foreach (SimulatedMessage message in vehicle.Messages())
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.Add(message.Topic, message.Stamp.LogTime, message.Stamp.Sequence, message.Message.ToByteArray());
            }

            return new Truth(hash, vehicle.Topics.ToDictionary(topic => topic.Topic, topic => topic.Schema.FullName));
        }

        public override Task RecordAsync(
            IRecorder recorder, IProgress<SourceProgress> progress, CancellationToken cancellationToken) =>
            new SimulatedVehicle(_vehicle).RunAsync(recorder, rate: 0, TimeProvider.System, progress, cancellationToken);
    }

    private sealed class FileDrive(string file) : DriveSource
    {
        public override string Name => Path.GetFileName(file);

        public override Truth ReadTruth(CancellationToken cancellationToken)
        {
            DriveHash hash = new();
            Dictionary<string, string> schemas = [];
            using FileStream stream = File.OpenRead(file);
            using McapStreamReader reader = new(stream);
            while (reader.ReadMessage())
            {
                cancellationToken.ThrowIfCancellationRequested();
                McapChannel channel = reader.MessageChannel;
                schemas.TryAdd(channel.Topic, channel.SchemaId == 0 ? "" : reader.Schemas[channel.SchemaId].Name);
                hash.Add(channel.Topic, reader.Message.LogTime, reader.Message.Sequence, reader.Message.Data);
            }

            return new Truth(hash, schemas);
        }

        public override Task RecordAsync(
            IRecorder recorder, IProgress<SourceProgress> progress, CancellationToken cancellationToken) =>
            new McapReplay(file).RunAsync(recorder, rate: 0, TimeProvider.System, progress, cancellationToken);
    }
}
