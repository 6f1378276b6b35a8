using AvSdk.Recording;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AvSdk.DependencyInjection;

/// <summary>
/// The recorder runs from the app's start to its end, and what was accepted is durable before it ends.
/// </summary>
internal sealed class RecorderLifetime(IRecorder recorder, ILogger<RecorderLifetime> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await recorder.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RecorderException or OperationCanceledException)
        {
            // Disposing tries once more, and counts what is lost then.
            RecorderLifetimeLog.NotFlushed(logger, exception.Message);
        }
    }
}

internal static partial class RecorderLifetimeLog
{
    [LoggerMessage(400, LogLevel.Warning, "The recorder could not flush before the app's stop: {Reason}")]
    public static partial void NotFlushed(ILogger logger, string reason);
}
