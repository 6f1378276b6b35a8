using AvSdk.Contracts.V1;
using AvSdk.Recording.Live;
using AvSdk.Recording.Uplink;

namespace AvSdk.Uplink;

/// <summary>A session with a connection of its own, over a link that may go at any time.</summary>
internal sealed class LinkedMqttSession(MqttUplinkSession session, MqttLink link) : IUplinkSession, ILiveLink
{
    public ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken) =>
        session.SendAsync(request, cancellationToken);

    public ValueTask<UploadReply?> ReceiveAsync(CancellationToken cancellationToken) => session.ReceiveAsync(cancellationToken);

    public long BytesOf(LiveSample sample) => link.Live.BytesOf(sample);

    public ValueTask<bool> PublishAsync(LiveSample sample, CancellationToken cancellationToken) =>
        link.PublishAsync(sample, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await session.DisposeAsync().ConfigureAwait(false);
        await link.DisposeAsync().ConfigureAwait(false);
    }
}
