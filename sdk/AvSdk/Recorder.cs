using AvSdk.Ingestion;
using AvSdk.Recording;

namespace AvSdk;

/// <summary>The way to a recorder; what it gives is an <see cref="IRecorder"/>.</summary>
public static class Recorder
{
    /// <summary>Records through the agent that runs in the vehicle.</summary>
    /// <param name="address">The agent's socket, for example <c>unix:/run/avagent/ingest.sock</c>.</param>
    /// <param name="cancellationToken">Ends the connecting.</param>
    /// <exception cref="ArgumentException">No address of an agent.</exception>
    /// <exception cref="RecorderException">No agent answers there.</exception>
    public static Task<SocketRecorder> ConnectAsync(string address, CancellationToken cancellationToken) =>
        SocketRecorder.ConnectAsync(address, new SocketRecorderOptions(), cancellationToken);

    /// <summary>Records through the agent that runs in the vehicle.</summary>
    /// <param name="address">The agent's socket, for example <c>unix:/run/avagent/ingest.sock</c>.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="cancellationToken">Ends the connecting.</param>
    /// <exception cref="ArgumentException">The address, or the options: the message names each problem.</exception>
    /// <exception cref="RecorderException">No agent answers there.</exception>
    public static Task<SocketRecorder> ConnectAsync(
        string address, SocketRecorderOptions options, CancellationToken cancellationToken) =>
        SocketRecorder.ConnectAsync(address, options, cancellationToken);
}
