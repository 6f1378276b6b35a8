using System.Security.Cryptography;
using AvSdk.Agent.Configuration;
using AvSdk.Recording;
using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Running;

/// <summary>
/// Reads the configuration again while the agent runs, and puts it in force whole or not at all. Calls may come from
/// any thread; they are worked off one after the other.
/// </summary>
internal sealed class ConfigurationReload(
    string file, AgentConfiguration configuration, LocalRecorder recorder, GatewayLink? link, ECDsa? ledgerKey,
    TimeProvider time, ILoggerFactory logs)
    : IDisposable
{
    private readonly ILogger _logger = logs.CreateLogger("AvSdk.Agent");
    private readonly SemaphoreSlim _gate = new(1, 1);
    private ReloadStatus _status = new(time.GetUtcNow(), 0, 0, null, []);

    /// <summary>The configuration in force.</summary>
    public AgentConfiguration Current { get; private set; } = configuration;

    /// <summary>The way to the gateway in force; null: none.</summary>
    public GatewayLink? Link { get; private set; } = link;

    /// <summary>What came of the attempts.</summary>
    public ReloadStatus Status => Volatile.Read(ref _status);

    /// <summary>Never throws but on cancellation: what is wrong is logged and shown, and the old configuration stays.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ProblemList problems = new();
            try
            {
                await ApplyAsync(problems, cancellationToken).ConfigureAwait(false);
            }
            catch (RecorderException stopped)
            {
                problems.Add("", file, stopped.Message);
            }

            Note([.. problems.Problems.Select(static problem => problem.ToString())]);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task ApplyAsync(ProblemList problems, CancellationToken cancellationToken)
    {
        AgentConfiguration? next = ConfigurationFile.Read(file, problems);
        if (next is null)
            return;
        if (!next.Sources.SequenceEqual(Current.Sources))
            problems.Add("sources", "(changed)", "Sources cannot change at run time: restart the agent to change them.");
        if (next.Logging != Current.Logging)
            problems.Add("logging", "(changed)", "Logging cannot change at run time: restart the agent to change it.");
        if (next.LedgerKeyFile != Current.LedgerKeyFile)
        {
            problems.Add("ledger.signingKeyFile", next.LedgerKeyFile ?? ConfigurationProblem.Missing,
                "The key that signs the ledger cannot change at run time: restart the agent to change it.");
        }
        else if (next.LedgerKeyFile is { } keyFile && !IsKeyInForce(keyFile))
        {
            problems.Add("ledger.signingKeyFile", keyFile,
                "The file holds another key than when the agent was started, and the key cannot change at run time: restart "
                + "the agent to sign with it, or put the old one back.");
        }

        if (next.Gateway is null != Current.Gateway is null)
        {
            problems.Add("gateway", next.Gateway?.Address ?? ConfigurationProblem.Missing,
                "Whether there is a gateway cannot change at run time, its address can: restart the agent to change it.");
        }

        if (!problems.IsEmpty)
            return;
        GatewayLink? other = next.Gateway is { } gateway && gateway != Current.Gateway
            ? GatewayLink.Create(gateway, next.Recorder.VehicleId, time, logs)
            : null;
        IReadOnlyList<OptionProblem> refused =
            await recorder.ReconfigureAsync(next.Recorder, other?.Uplink, cancellationToken).ConfigureAwait(false);
        RecorderProblems.AddTo(problems, next.Recorder, refused);
        if (!problems.IsEmpty)
            return;
        GatewayLink? old = other is null ? null : Link;
        Link = other ?? Link;
        Current = next;
        if (old is not null)
            await old.DisposeAsync().ConfigureAwait(false);

        // The next connection would look at the files itself; now somebody watches.
        Link?.Credentials?.Refresh(_logger);
    }

    private bool IsKeyInForce(string keyFile)
    {
        using ECDsa? key = LedgerReader.Load(keyFile, out _);
        return key is not null && ledgerKey is not null
            && key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(ledgerKey.ExportSubjectPublicKeyInfo());
    }

    private void Note(string[] problems)
    {
        ReloadStatus before = Status;
        DateTimeOffset now = time.GetUtcNow();
        if (problems.Length == 0)
        {
            AgentLog.Reconfigured(_logger, file);
            Volatile.Write(ref _status, new ReloadStatus(now, before.Applied + 1, before.Refused, null, []));
            return;
        }

        foreach (string problem in problems)
            AgentLog.ConfigurationProblem(_logger, problem);
        AgentLog.ConfigurationRefused(_logger, file, problems.Length);
        Volatile.Write(ref _status, before with { Refused = before.Refused + 1, RefusedAt = now, Problems = problems });
    }
}

/// <param name="InForceSince">When the configuration in force was read.</param>
/// <param name="Applied">Readings that were put in force, the first one not counted.</param>
/// <param name="Refused">Readings that were refused.</param>
/// <param name="RefusedAt">When the last one was refused; null: the last one is in force.</param>
/// <param name="Problems">Why.</param>
internal sealed record ReloadStatus(
    DateTimeOffset InForceSince, int Applied, int Refused, DateTimeOffset? RefusedAt, IReadOnlyList<string> Problems);
