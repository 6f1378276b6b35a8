using System.Text;
using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace AvSdk.Recording;

/// <summary>
/// A moment that somebody wants to see, and how much around it. What overlaps the window is not evicted in any lane
/// until it has a receipt, and goes to the gateway before all else.
/// </summary>
public sealed record RecordingMark
{
    /// <summary>The topic of marks in a recording: protobuf <c>av.v1.Mark</c>.</summary>
    public const string Topic = "/av/marks";

    /// <summary>The longest <see cref="Before"/> and <see cref="After"/>.</summary>
    public static readonly TimeSpan WindowMax = TimeSpan.FromHours(1);

    private const int NameBytesMax = 128;
    private const int MetadataBytesMax = 16 << 10;

    /// <summary>What happened: 1 to 128 bytes of UTF-8, for example <c>hard_brake</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The moment: log time, ns since 1970. Null: that of the latest message, or the clock's. Default: null.</summary>
    public ulong? LogTime { get; init; }

    /// <summary>How much before the moment; 0 to 1 h. Default: 0.</summary>
    public TimeSpan Before { get; init; }

    /// <summary>How much after the moment; 0 to 1 h. Default: 0.</summary>
    public TimeSpan After { get; init; }

    /// <summary>Whatever belongs to it; at most 16 KiB of UTF-8 together. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } =
        System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// Whoever tells a mark again, not knowing whether it arrived, gives it an id: it is taken once. Default: the
    /// recorder gives one.
    /// </summary>
    public Guid Id { get; init; }

    /// <summary>The channel that marks are recorded on.</summary>
    /// <param name="lane">Its lane; null leaves it to the recorder.</param>
    public static ChannelSpec Channel(string? lane) => new()
    {
        Topic = Topic,
        MessageEncoding = ProtobufSchema.Encoding,
        Schema = new SchemaSpec(
            Mark.Descriptor.FullName, ProtobufSchema.Encoding, ProtobufSchema.FileDescriptorSet(Mark.Descriptor)),
        Lane = lane,
    };

    /// <summary>The message that is recorded of it.</summary>
    /// <param name="logTime">Its moment, where <see cref="LogTime"/> is null.</param>
    public byte[] ToPayload(ulong logTime)
    {
        ulong at = LogTime ?? logTime;
        Mark mark = new()
        {
            Timestamp = new Timestamp { Seconds = (long)(at / 1_000_000_000), Nanos = (int)(at % 1_000_000_000) },
            Name = Name,
            Before = Duration.FromTimeSpan(Before),
            After = Duration.FromTimeSpan(After),
            MarkId = RecordingIds.ToBytes(Id),
        };
        foreach ((string key, string value) in Metadata)
            mark.Metadata.Add(key, value);
        return mark.ToByteArray();
    }

    /// <summary>The problems that <see cref="IRecorder.Mark"/> would throw for; null: none.</summary>
    public string? Problem()
    {
        if (Encoding.UTF8.GetByteCount(Name) is 0 or > NameBytesMax)
            return $"A mark's name has 1 to {NameBytesMax} bytes of UTF-8, \"{Name}\" has others.";
        if (Before < TimeSpan.Zero || Before > WindowMax || After < TimeSpan.Zero || After > WindowMax)
            return $"Mark {Name}: 0 to {WindowMax} before and after, not {Before} and {After}.";
        long bytes = Metadata.Sum(static pair =>
            (long)Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value));
        return bytes > MetadataBytesMax
            ? $"Mark {Name}: at most {MetadataBytesMax} bytes of metadata, not {bytes}."
            : null;
    }

    /// <exception cref="ArgumentException">It has a problem.</exception>
    internal void ThrowIfInvalid()
    {
        if (Problem() is { } problem)
            throw new ArgumentException(problem);
    }
}
