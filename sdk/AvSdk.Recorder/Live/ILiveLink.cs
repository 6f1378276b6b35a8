namespace AvSdk.Recording.Live;

/// <summary>
/// A way to those who watch a vehicle drive. An <see cref="Uplink.IUplink"/> that is one too, such as MQTT's, is given the
/// samples of <see cref="RecorderOptions.Live"/>.
/// </summary>
public interface ILiveLink
{
    /// <summary>
    /// Publishes a sample, or lets it go at once where there is no connection: nothing is kept for later.
    /// </summary>
    /// <returns>False: nobody got it.</returns>
    ValueTask<bool> PublishAsync(LiveSample sample, CancellationToken cancellationToken);
}
