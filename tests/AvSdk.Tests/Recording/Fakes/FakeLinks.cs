using System.Collections.Concurrent;
using System.Net;
using AvSdk.Contracts.V1;
using AvSdk.Recording;
using AvSdk.Recording.Links;
using AvSdk.Recording.Live;
using AvSdk.Recording.Uplink;

namespace AvSdk.Tests.Recording.Fakes;

/// <summary>Links of a vehicle, as a test says, and one gateway behind all of them; notes what goes over which.</summary>
internal sealed class FakeLinks(FakeGateway gateway) : ILinkProbe, ILinkedUplink
{
    private readonly Lock _gate = new();
    private LinkFacts _facts = LinkFacts.None;

    public string Name => gateway.Name;

    /// <summary>Each message that was sent: the link, its bytes, and whether it was a part.</summary>
    public ConcurrentQueue<(string Link, int Bytes, bool IsPart)> Sent { get; } = [];

    /// <summary>Samples that were shown over a link, and their bytes.</summary>
    public ConcurrentQueue<(string Link, uint Sequence, long Bytes)> Shown { get; } = [];

    /// <summary>Each sample waits for this before it is shown.</summary>
    public Func<CancellationToken, Task> OnSample { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Links with a session that is open.</summary>
    public ConcurrentDictionary<string, int> Open { get; } = [];

    public LinkFacts Facts
    {
        set
        {
            lock (_gate)
                _facts = value;
        }
    }

    public static LinkFacts Word(string word) => new([], word, null);

    public static LinkInterface Interface(string name, bool isUp = true, params string[] addresses) =>
        new(name, isUp, [.. addresses.Select(IPAddress.Parse)]);

    public long BytesOver(string link) => Sent.Where(sent => sent.Link == link).Sum(static sent => (long)sent.Bytes);

    public int PartsOver(string link) => Sent.Count(sent => sent.Link == link && sent.IsPart);

    public ValueTask<LinkFacts> LookAsync(LinksOptions options, CancellationToken cancellationToken)
    {
        lock (_gate)
            return new ValueTask<LinkFacts>(_facts);
    }

    public ValueTask<IUplinkSession> ConnectAsync(CancellationToken cancellationToken) => OverAsync("", cancellationToken);

    public ValueTask<IUplinkSession> ConnectAsync(LinkOptions link, IPAddress? from, CancellationToken cancellationToken) =>
        OverAsync(link.Name, cancellationToken);

    private async ValueTask<IUplinkSession> OverAsync(string link, CancellationToken cancellationToken)
    {
        Session session = new(this, link, await gateway.ConnectAsync(cancellationToken));
        Open.AddOrUpdate(link, 1, static (_, sessions) => sessions + 1);
        return session;
    }

    private sealed class Session(FakeLinks links, string link, IUplinkSession inner) : IUplinkSession, ILiveLink
    {
        public long BytesOf(LiveSample sample) => sample.Payload.Length + 100;

        public async ValueTask<bool> PublishAsync(LiveSample sample, CancellationToken cancellationToken)
        {
            await links.OnSample(cancellationToken);
            links.Shown.Enqueue((link, sample.Stamp.Sequence, BytesOf(sample)));
            return true;
        }

        public async ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken)
        {
            links.Sent.Enqueue((link, request.CalculateSize(), request.KindCase == UploadRequest.KindOneofCase.Part));
            await inner.SendAsync(request, cancellationToken);
        }

        public ValueTask<UploadReply?> ReceiveAsync(CancellationToken cancellationToken) => inner.ReceiveAsync(cancellationToken);

        public ValueTask DisposeAsync()
        {
            links.Open.AddOrUpdate(link, 0, static (_, sessions) => sessions - 1);
            return inner.DisposeAsync();
        }
    }
}
