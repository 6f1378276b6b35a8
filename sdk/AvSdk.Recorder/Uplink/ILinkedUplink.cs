using System.Net;

namespace AvSdk.Recording.Uplink;

/// <summary>An uplink that can go over a given link; one that cannot is used as it is.</summary>
public interface ILinkedUplink : IUplink
{
    /// <summary>Connects over a link. The session is the caller's to dispose, with all that goes over the link.</summary>
    /// <param name="link">The link: its interface, gateway and code point.</param>
    /// <param name="from">The address to connect from; null: any.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="UplinkException">The gateway is not there, or refuses; or the link cannot be used so.</exception>
    ValueTask<IUplinkSession> ConnectAsync(LinkOptions link, IPAddress? from, CancellationToken cancellationToken);
}
