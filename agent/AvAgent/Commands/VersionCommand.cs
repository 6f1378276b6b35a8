using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;

namespace AvSdk.Agent.Commands;

/// <summary><c>avagent version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>As it is named to the gateway: <c>avagent/0.1.0</c>.</summary>
    public static string Software { get; } = "avagent/" + VersionText();

    public static Command Create()
    {
        Command command = new("version", "Prints the version, the runtime and the platform.");
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(
            $"{Software} {RuntimeInformation.FrameworkDescription} {RuntimeInformation.RuntimeIdentifier}"));
        return command;
    }

    // Without the source revision that the SDK appends after a plus sign.
    private static string VersionText()
    {
        string? version = typeof(VersionCommand).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return version?.Split('+')[0] ?? "0.0.0";
    }
}
