using AvSdk.Recording;
using AvSdk.Sources.Simulation;
using Google.Protobuf;

namespace AvSdk.Sources;

/// <summary>
/// A car that drives through a street and senses: cameras, lidar, radar, IMU, satellite position, CAN, its
/// own state and a log. What the sensors say fits together, for they all look at one motion.
/// </summary>
/// <remarks>
/// Deterministic: the same options make the same bytes, on every machine and runtime. Rates are exact. Safe
/// for use from any number of threads: each drive is its own.
/// </remarks>
public sealed class SimulatedVehicle
{
    private readonly SimulatedVehicleOptions _options;

    /// <summary>Creates the vehicle.</summary>
    /// <exception cref="ArgumentException">The options are wrong; the message says all that is.</exception>
    public SimulatedVehicle(SimulatedVehicleOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<OptionProblem> problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, problems), nameof(options));
        _options = options;
        Topics = [.. Drive.Sensors(options, reuseMemory: false)
            .Select(each => new SimulatedTopic(each.Topic, each.Lane, each.Schema, each.Rate))];
    }

    /// <summary>What it senses.</summary>
    public IReadOnlyList<SimulatedTopic> Topics { get; }

    /// <summary>
    /// The drive from its beginning, in order of log time; where times are equal in order of <see
    /// cref="Topics"/>. Each enumeration is a new drive. Messages are the caller's.
    /// </summary>
    public IEnumerable<SimulatedMessage> Messages()
    {
        Drive drive = new(_options, reuseMemory: false);
        while (drive.TryMoveNext(out SimulatedMessage message, out _))
            yield return message;
    }

    /// <summary>Drives, and writes what is sensed to a recorder. Does not flush it.</summary>
    /// <param name="recorder">Where the messages go; borrowed.</param>
    /// <param name="rate">
    /// 1: in real time; 2: twice as fast. Like real sensors it does not wait for the recorder: what that
    /// drops is counted. 0: as fast as the recorder takes it, waiting for room, dropping nothing that fits.
    /// </param>
    /// <param name="time">What real time goes by.</param>
    /// <param name="progress">Told about ten times a second and at the end; null: nobody.</param>
    /// <param name="cancellationToken">Ends the drive.</param>
    /// <returns>What was written, when the drive has ended.</returns>
    /// <exception cref="ArgumentException">The recorder has a topic of this name with another
    /// schema.</exception>
    /// <exception cref="RecorderException">The recorder stopped.</exception>
    public Task<SourceProgress> RunAsync(
        IRecorder recorder, double rate, TimeProvider time, IProgress<SourceProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        SourcePace pace = new(rate, time, progress);
        // Making messages costs a processor's time: not the caller's.
        return Task.Run(() => RunAsync(recorder, pace, cancellationToken), cancellationToken);
    }

    private async Task<SourceProgress> RunAsync(
        IRecorder recorder, SourcePace pace, CancellationToken cancellationToken)
    {
        RecordingChannel[] channels =
            [.. Topics.Select(topic => recorder.Channel(topic.ToChannelSpec(_options.NamesLanes)))];
        pace.Expect(MessagesExpected(), bytes: null);
        long bytesSoFar = 0;

        byte[] scratch = [];
        Drive drive = new(_options, reuseMemory: true);
        while (drive.TryMoveNext(out SimulatedMessage message, out int topic))
        {
            await pace.WaitAsync(message.Stamp.LogTime, cancellationToken).ConfigureAwait(false);
            int bytes = message.Message.CalculateSize();
            WriteResult result;
            if (pace.WaitsForRoom)
            {
                if (scratch.Length < bytes)
                    scratch = GC.AllocateUninitializedArray<byte>(bytes + (bytes / 4));
                message.Message.WriteTo(scratch.AsSpan(0, bytes));
                result = await channels[topic]
                    .WriteRawAsync(message.Stamp, scratch.AsMemory(0, bytes), cancellationToken)
                    .ConfigureAwait(false);
            }
            else
            {
                result = channels[topic].Write(
                    message.Stamp, bytes, message.Message,
                    static (value, destination) => value.WriteTo(destination));
            }

            bytesSoFar += bytes;
            pace.Count(message.Topic, message.Stamp.LogTime, bytesSoFar, result);
        }

        return pace.Finish(bytesSoFar);
    }

    // Log lines come when something happens; they are too few to matter for a total that is shown.
    private ulong? MessagesExpected() => _options.Duration == Timeout.InfiniteTimeSpan
        ? null
        : (ulong)Topics.Sum(topic => topic.Rate * _options.Duration.TotalSeconds);
}
