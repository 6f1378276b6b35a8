using System.Security.Cryptography;
using AvSdk.Recording.Spool;
using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Ledger;

/// <summary>What the ledgers of a spool share.</summary>
internal sealed class LedgerPorts
{
    public required ISpoolFiles Files { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Signs; null: nothing is signed.</summary>
    public ECDsa? Key { get; init; }

    /// <summary>Told when entries became durable.</summary>
    public Action? Written { get; set; }
}
