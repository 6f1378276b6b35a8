using System.CommandLine;
using AvSdk.Gateway;

namespace AvSdk.GatewayHost.Commands;

/// <summary><c>avgateway version</c>.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        Command command = new("version", "Prints the version.");
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine(new GatewayOptions().Software);
            return ExitCode.Done;
        });
        return command;
    }
}
