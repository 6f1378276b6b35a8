using System.Net;

namespace AvSdk.Gateway;

/// <summary>
/// Keeps ports that cannot tell who is calling off the network: without TLS anybody who reaches one could write as any
/// vehicle and read everything.
/// </summary>
public static class GatewayListenGuard
{
    /// <summary>
    /// What is wrong with listening at <paramref name="addresses"/> (<c>http://127.0.0.1:7443</c>,
    /// <c>unix:/path</c>, <c>https://0.0.0.0:8443</c>); empty: nothing, or
    /// <paramref name="allowUnauthenticatedNetwork"/> takes the risk
    /// on.
    /// </summary>
    /// <param name="addresses">As given to Kestrel.</param>
    /// <param name="flag">The switch that takes the risk on, named in the remedy: <c>--allow-…</c>.</param>
    /// <param name="allowUnauthenticatedNetwork">True: the operator gave that switch.</param>
    public static IReadOnlyList<GatewayOptionProblem> Check(
        IEnumerable<string> addresses, string flag, bool allowUnauthenticatedNetwork)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        List<GatewayOptionProblem> problems = [];
        foreach (string address in addresses)
        {
            bool knowsWhoCalls = address.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
            if (!allowUnauthenticatedNetwork && !knowsWhoCalls && !IsLocal(address))
            {
                problems.Add(new GatewayOptionProblem(
                    "listen", address,
                    "is reachable from the network without TLS: anybody could write as any vehicle and read everything. "
                    + "Write https:// and give it certificates, or listen on 127.0.0.1, [::1] or a Unix socket, or take "
                    + $"the risk on with {flag}."));
            }
        }

        return problems;
    }

    /// <summary>True: only processes of this machine reach the address.</summary>
    public static bool IsLocal(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.StartsWith("unix:", StringComparison.OrdinalIgnoreCase)
            || address.StartsWith("http://unix:", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        // Names other than localhost are not resolved: what they mean can change after the check.
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri))
            return false;
        return uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip));
    }
}
