namespace AvSdk.Recording.Live;

/// <summary>
/// A way to those who watch a vehicle drive. An <see cref="Uplink.IUplink"/> that is one too, such as MQTT's, is given the
/// samples of <see cref="RecorderOptions.Live"/>; over a link of <see cref="LinksOptions"/>, each
/// <see cref="Uplink.IUplinkSession"/> of an <see cref="Uplink.ILinkedUplink"/> that is one.
/// </summary>
public interface ILiveLink
{
    /// <summary>
    /// How many bytes <see cref="PublishAsync"/> would send for a sample now, all of its messages together: what a link's
    /// budget counts.
    /// </summary>
    long BytesOf(LiveSample sample);

    /// <summary>
    /// Publishes a sample, or lets it go at once where there is no connection: nothing is kept for later. One caller at a
    /// time, the same as of <see cref="BytesOf"/>.
    /// </summary>
    /// <returns>False: nobody got it.</returns>
    ValueTask<bool> PublishAsync(LiveSample sample, CancellationToken cancellationToken);
}
