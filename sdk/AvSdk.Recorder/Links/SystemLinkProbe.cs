using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;

namespace AvSdk.Recording.Links;

/// <summary>This machine's links: its network interfaces, and what the command says.</summary>
public sealed class SystemLinkProbe : ILinkProbe
{
    private const int WordLengthMax = 64;

    /// <inheritdoc/>
    public async ValueTask<LinkFacts> LookAsync(LinksOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        string? word = null;
        string? problem = null;
        if (options.Command.Count > 0)
            (word, problem) = await AskAsync(options, cancellationToken).ConfigureAwait(false);
        return new LinkFacts(Interfaces(), word, problem);
    }

    private static List<LinkInterface> Interfaces()
    {
        List<LinkInterface> interfaces = [];
        try
        {
            foreach (NetworkInterface found in NetworkInterface.GetAllNetworkInterfaces())
            {
                List<IPAddress> addresses = [];
                foreach (UnicastIPAddressInformation address in found.GetIPProperties().UnicastAddresses)
                    addresses.Add(address.Address);
                // Tunnels and the loopback do not say whether they are up.
                bool isUp = found.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown;
                interfaces.Add(new LinkInterface(found.Name, isUp, addresses));
            }
        }
        catch (NetworkInformationException)
        {
            // An interface that went while it was looked at: the next look finds the others.
        }

        return interfaces;
    }

    // What the command started goes with it: one that hangs must not be there a hundred times.
    private static async Task<(string? Word, string? Problem)> AskAsync(
        LinksOptions options, CancellationToken cancellationToken)
    {
        string program = options.Command[0];
        ProcessStartInfo start = new(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        for (int at = 1; at < options.Command.Count; at++)
            start.ArgumentList.Add(options.Command[at]);
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(options.CommandTimeout);
        Process? process = null;
        try
        {
            process = Process.Start(start)!;
            string? line = await process.StandardOutput.ReadLineAsync(late.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(late.Token).ConfigureAwait(false);
            string word = line?.Trim() ?? "";
            if (process.ExitCode != 0)
                return (null, $"{program} ended with {process.ExitCode}");
            return word.Length is > 0 and <= WordLengthMax
                ? (word, null)
                : (null, $"{program} printed no word of 1 to {WordLengthMax} characters");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"{program} took longer than {options.CommandTimeout:c}");
        }
        catch (Exception refused) when (refused is Win32Exception or IOException or InvalidOperationException)
        {
            return (null, $"{program} cannot be run: {refused.Message}");
        }
        finally
        {
            if (process is { HasExited: false })
                process.Kill(entireProcessTree: true);
            process?.Dispose();
        }
    }
}
