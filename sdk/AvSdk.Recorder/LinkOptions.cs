namespace AvSdk.Recording;

/// <summary>
/// A link that chunks may go over: by what it is known, what it carries, and what it may cost. It is there when all that is
/// given of <see cref="Interface"/>, <see cref="Address"/> and <see cref="Word"/> holds.
/// </summary>
public sealed record LinkOptions
{
    /// <summary>
    /// 1 to 64 of <c>[a-z0-9_-]</c>, for example <c>lte-roaming</c>. What was spent is counted under it.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>The network interface, for example <c>wlan0</c>; connections are bound to it. Default: any.</summary>
    public string? Interface { get; init; }

    /// <summary>
    /// A network in CIDR notation, for example <c>10.4.0.0/16</c>, of which the vehicle has an address; connections go from
    /// that address. Default: any.
    /// </summary>
    public string? Address { get; init; }

    /// <summary>
    /// What <see cref="LinksOptions.Command"/> says while this link is the one, for example <c>lte-roaming</c>. Default: it
    /// is not asked.
    /// </summary>
    public string? Word { get; init; }

    /// <summary>The names of lanes that go over it. Default: null, all.</summary>
    public IReadOnlyList<string>? Lanes { get; init; }

    /// <summary>The least priority of a lane that goes over it. Default: any.</summary>
    public int? PriorityMin { get; init; }

    /// <summary>
    /// Whether the samples of <see cref="RecorderOptions.Live"/> go over it, of whichever lane; they count against its budget,
    /// and take at most half of its rate. Default: null, only if it has no budget and carries all lanes.
    /// </summary>
    public bool? Live { get; init; }

    /// <summary>What <see cref="Live"/> comes to.</summary>
    public bool CarriesLive =>
        Live ?? this is { BytesPerDay: null, BytesPerMonth: null, Lanes: null, PriorityMin: null };

    /// <summary>
    /// Bytes of messages that may go over it in a calendar day, at least 64 KiB; what TLS and TCP add is not counted.
    /// Default: no limit.
    /// </summary>
    public long? BytesPerDay { get; init; }

    /// <summary>The same for a calendar month. Default: no limit.</summary>
    public long? BytesPerMonth { get; init; }

    /// <summary>What still goes when a budget is used up. Default: <see cref="LinkUsedUp.Nothing"/>.</summary>
    public LinkUsedUp WhenUsedUp { get; init; }

    /// <summary>Bytes a second, at least 1 KiB. Default: as many as the link takes.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>The differentiated services code point of its packets, 0 to 63 (RFC 2474). Default: the system's.</summary>
    public int? Dscp { get; init; }

    /// <summary>When it may be used, by the clock at <see cref="LinksOptions.UtcOffset"/>. Default: empty, always.</summary>
    public IReadOnlyList<LinkWindow> Windows { get; init; } = [];

    /// <summary>The gateway's address over this link, where it has another. Default: the uplink's.</summary>
    public string? Gateway { get; init; }
}
