using System.Text.Json.Serialization;
using AvSdk.Gateway;
using AvSdk.Gateway.Admission;
using AvSdk.Gateway.Identity;
using AvSdk.Gateway.Mqtt;

namespace AvSdk.GatewayHost.Configuration;

/// <summary>
/// What the process is told: where it listens, and the gateway's options. Absent: the default.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record GatewayConfiguration
{
    public const string ListenDefault = "http://127.0.0.1:7443";
    public const string WebOff = "none";

    public string? Data { get; init; }

    public string Listen { get; init; } = ListenDefault;

    /// <summary>
    /// Null: with TLS the port of <see cref="Listen"/>, without the one after it; none beside a Unix socket.
    /// </summary>
    public string? Web { get; init; }

    public bool AllowUnauthenticatedNetwork { get; init; }

    /// <summary>Certificates for addresses with https; null: there are none.</summary>
    public GatewayTlsOptions? Tls { get; init; }

    /// <summary>The broker that vehicles may come over; null: none.</summary>
    public GatewayMqttOptions? Mqtt { get; init; }

    /// <summary>How much it takes on; null: the defaults.</summary>
    public GatewayAdmissionOptions? Admission { get; init; }

    public long? PackBytesMax { get; init; }

    public TimeSpan? PackIdleTime { get; init; }

    public int? OpenPacksMax { get; init; }

    public int? ChunkBytesMax { get; init; }

    public int? PartBytesMax { get; init; }

    public long? UnacknowledgedBytesMax { get; init; }

    public long? StagingBytesMax { get; init; }

    public TimeSpan? StagingAgeMax { get; init; }

    public long? ExportCacheBytesMax { get; init; }

    public long? FreeBytesMin { get; init; }

    public string? CorsOrigin { get; init; }

    /// <summary>All problems at once; <paramref name="riskFlag"/> is named as a remedy.</summary>
    public IReadOnlyList<GatewayOptionProblem> Validate(string riskFlag)
    {
        GatewayOptions options = new();
        Apply(options);
        List<GatewayOptionProblem> problems =
        [
            .. options.Validate().Select(problem => problem.Key == nameof(options.DataFolder)
                ? problem with { Key = "data (--data)" }
                : problem),
        ];
        List<string> addresses = [];
        Add("listen", Listen);
        if (Web is not (null or WebOff))
            Add("web", Web);
        CheckTls(addresses, problems);
        if (Mqtt is { IsTls: false } broker && !AllowUnauthenticatedNetwork && !GatewayListenGuard.IsLocal(broker.Address))
        {
            problems.Add(new GatewayOptionProblem(
                "mqtt (--mqtt)", broker.Address,
                "reaches a broker over the network without TLS: anybody on the way could read and change what vehicles send. "
                + $"Write mqtts://, or take the risk on with {riskFlag}."));
        }

        problems.AddRange(GatewayListenGuard.Check(addresses, riskFlag, AllowUnauthenticatedNetwork));
        return problems;

        void Add(string key, string address)
        {
            if (ListenAddress.TryParse(address, out _, out string remedy))
                addresses.Add(address);
            else
                problems.Add(new GatewayOptionProblem(key, address, remedy));
        }
    }

    private void CheckTls(List<string> addresses, List<GatewayOptionProblem> problems)
    {
        string[] withTls = [.. addresses.Where(address => ListenAddress.Parse(address).IsTls)];
        if (Tls is null && withTls.Length > 0)
        {
            problems.Add(new GatewayOptionProblem("listen", withTls[0],
                "TLS needs certificates: give --certificate, --key and --client-authorities, or tls in the configuration; "
                + "`avgateway dev-certs --out DIR` makes some for development."));
        }
        else if (Tls is not null && addresses.Count > 0 && withTls.Length == 0)
        {
            problems.Add(new GatewayOptionProblem("listen", addresses[0],
                "there are certificates, and no address that uses them: write https://."));
        }
    }

    /// <summary>
    /// Where to listen: gRPC first, then, unless it is off or at the same port, the web. The addresses have been validated.
    /// </summary>
    public IReadOnlyList<ListenAddress> Addresses()
    {
        ListenAddress grpc = ListenAddress.Parse(Listen);
        ListenAddress? web = Web switch
        {
            null => grpc.IsTls ? null : grpc.Next(),
            WebOff => null,
            _ => ListenAddress.Parse(Web),
        };
        return web is null ? [grpc] : [grpc, web];
    }

    public void Apply(GatewayOptions options)
    {
        options.DataFolder = Data ?? "";
        options.PackBytesMax = PackBytesMax ?? options.PackBytesMax;
        options.PackIdleTime = PackIdleTime ?? options.PackIdleTime;
        options.OpenPacksMax = OpenPacksMax ?? options.OpenPacksMax;
        options.ChunkBytesMax = ChunkBytesMax ?? options.ChunkBytesMax;
        options.PartBytesMax = PartBytesMax ?? options.PartBytesMax;
        options.UnacknowledgedBytesMax = UnacknowledgedBytesMax ?? options.UnacknowledgedBytesMax;
        options.StagingBytesMax = StagingBytesMax ?? options.StagingBytesMax;
        options.StagingAgeMax = StagingAgeMax ?? options.StagingAgeMax;
        options.ExportCacheBytesMax = ExportCacheBytesMax ?? options.ExportCacheBytesMax;
        options.FreeBytesMin = FreeBytesMin ?? options.FreeBytesMin;
        options.CorsOrigin = CorsOrigin ?? options.CorsOrigin;
        options.Admission = Admission ?? options.Admission;
        options.Tls = Tls;
        options.Mqtt = Mqtt;
    }
}
