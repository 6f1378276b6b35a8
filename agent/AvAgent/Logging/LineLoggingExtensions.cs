using AvSdk.Agent.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Logging;

internal static class LineLoggingExtensions
{
    /// <summary>Logs a line each to <paramref name="output"/>.</summary>
    public static void AddLines(
        this ILoggingBuilder logging, LoggingConfiguration configuration, TextWriter output)
    {
        logging.SetMinimumLevel(configuration.Level);
        // What the host logs when it fails to start is thrown as well, and told once, where it is caught.
        logging.AddFilter("Microsoft", LogLevel.None);
        logging.Services.AddSingleton<ILoggerProvider>(
            new LineLoggerProvider(output, configuration.Format, configuration.Level, TimeProvider.System));
    }
}
