using System.Globalization;
using AvSdk.Gateway.Admission;
using AvSdk.Gateway.Identity;
using AvSdk.Gateway.Mqtt;

namespace AvSdk.Gateway;

/// <summary>
/// How a gateway stores and what it accepts. Set once, while services are registered; the gateway works with
/// a copy, so a later change has no effect.
/// </summary>
public sealed record GatewayOptions
{
    private const int MiB = 1 << 20;

    /// <summary>
    /// The folder for everything: <c>packs/</c>, <c>index.db</c>, <c>cache/</c>. Created if absent. Required.
    /// </summary>
    public string DataFolder { get; set; } = "";

    /// <summary>
    /// The name that the gateway tells vehicles. Default: <c>avgateway/</c> and the version.
    /// </summary>
    public string Software { get; set; } = "avgateway/" + GatewayVersion.Text;

    /// <summary>
    /// A pack is sealed when it has grown to this size, bytes. Default 64 MiB; at least 64 KiB.
    /// </summary>
    public long PackBytesMax { get; set; } = 64L * MiB;

    /// <summary>A pack that nothing was written to for this long is sealed. Default 2 minutes.</summary>
    public TimeSpan PackIdleTime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Packs open at the same time; the least recently written is sealed for another. Default 512.
    /// </summary>
    public int OpenPacksMax { get; set; } = 512;

    /// <summary>The largest body of a chunk, bytes; a larger one is rejected. Default 128 MiB.</summary>
    public int ChunkBytesMax { get; set; } = 128 * MiB;

    /// <summary>The largest data of a part, bytes. Default 1 MiB; 4 KiB to 3 MiB.</summary>
    public int PartBytesMax { get; set; } = MiB;

    /// <summary>
    /// Bytes that one vehicle may have under way without a receipt. Default 256 MiB; at least
    /// <see cref="ChunkBytesMax"/>.
    /// </summary>
    public long UnacknowledgedBytesMax { get; set; } = 256L * MiB;

    /// <summary>
    /// Memory for the parts of unfinished chunks of all vehicles, bytes; at the limit the longest untouched
    /// are let go and sent again. Default 512 MiB; at least <see cref="ChunkBytesMax"/>.
    /// </summary>
    public long StagingBytesMax { get; set; } = 512L * MiB;

    /// <summary>Parts that no other followed for this long are let go. Default 10 minutes.</summary>
    public TimeSpan StagingAgeMax { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Exports kept on disk for range requests, bytes; the least recently read go first. Default 4 GiB.
    /// </summary>
    public long ExportCacheBytesMax { get; set; } = 4096L * MiB;

    /// <summary>
    /// Below this much free space on the data disk, bytes, <c>/readyz</c> says no. Default 256 MiB.
    /// </summary>
    public long FreeBytesMin { get; set; } = 256L * MiB;

    /// <summary>
    /// The origin whose pages may read exports in a browser (<c>Access-Control-Allow-Origin</c>). Default
    /// <c>*</c>: every one, so that any viewer opens a link; for a gateway with private data name the
    /// viewer's.
    /// </summary>
    public string CorsOrigin { get; set; } = "*";

    /// <summary>How much it takes on before it tells vehicles and clients to come back later.</summary>
    public GatewayAdmissionOptions Admission { get; set; } = new();

    /// <summary>
    /// The gateway's certificate, and whose word it takes about vehicles and clients; ports use it with
    /// <see cref="GatewayListenExtensions.UseAvGatewayTls"/>. Default: null, nobody is known by a certificate.
    /// </summary>
    public GatewayTlsOptions? Tls { get; set; }

    /// <summary>
    /// The MQTT broker that vehicles may upload over. Default: null, vehicles come over gRPC alone.
    /// </summary>
    public GatewayMqttOptions? Mqtt { get; set; }

    /// <summary>Everything that is wrong with these options; empty: nothing is.</summary>
    public IReadOnlyList<GatewayOptionProblem> Validate()
    {
        List<GatewayOptionProblem> problems = [];
        if (string.IsNullOrWhiteSpace(DataFolder))
            Add(nameof(DataFolder), DataFolder, "name the folder that packs and index go to.");
        else if (File.Exists(DataFolder))
            Add(nameof(DataFolder), DataFolder, "this is a file; name a folder.");
        if (string.IsNullOrWhiteSpace(Software))
            Add(nameof(Software), Software, "give a name and version, for example avgateway/0.1.0.");
        if (CorsOrigin != "*" && (!Uri.TryCreate(CorsOrigin, UriKind.Absolute, out Uri? origin)
            || origin.GetLeftPart(UriPartial.Authority) != CorsOrigin))
        {
            Add(
                nameof(CorsOrigin), CorsOrigin,
                "* or one origin without a path, for example https://viewer.example.");
        }

        AtLeast(nameof(PackBytesMax), PackBytesMax, 64 * 1024);
        AtLeast(nameof(OpenPacksMax), OpenPacksMax, 1);
        AtLeast(nameof(ChunkBytesMax), ChunkBytesMax, 4096);
        AtLeast(nameof(PartBytesMax), PartBytesMax, 4096);
        if (PartBytesMax > 3 * MiB)
        {
            Add(
                nameof(PartBytesMax), Text(PartBytesMax),
                "at most 3145728: a gRPC message is limited to 4 MiB.");
        }

        if (UnacknowledgedBytesMax < ChunkBytesMax)
        {
            Add(
                nameof(UnacknowledgedBytesMax), Text(UnacknowledgedBytesMax),
                $"at least ChunkBytesMax ({ChunkBytesMax}), or the largest chunk could never be finished.");
        }

        if (StagingBytesMax < ChunkBytesMax)
        {
            Add(
                nameof(StagingBytesMax), Text(StagingBytesMax),
                $"at least ChunkBytesMax ({ChunkBytesMax}), or the largest chunk could never be finished.");
        }

        AtLeast(nameof(ExportCacheBytesMax), ExportCacheBytesMax, MiB);
        AtLeast(nameof(FreeBytesMin), FreeBytesMin, 0);
        Positive(nameof(PackIdleTime), PackIdleTime);
        Positive(nameof(StagingAgeMax), StagingAgeMax);
        problems.AddRange(Admission.Validate());
        problems.AddRange(Tls?.Validate(TimeProvider.System) ?? []);
        problems.AddRange(Mqtt?.Validate(TimeProvider.System) ?? []);
        return problems;

        void Add(string key, string value, string remedy) =>
            problems.Add(new GatewayOptionProblem(key, value, remedy));

        void AtLeast(string key, long value, long least)
        {
            if (value < least)
                Add(key, Text(value), $"at least {Text(least)}.");
        }

        void Positive(string key, TimeSpan value)
        {
            if (value <= TimeSpan.Zero)
            {
                Add(
                    key, value.ToString("c", CultureInfo.InvariantCulture),
                    "longer than zero, for example 00:02:00.");
            }
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
