using System.Security.Cryptography;
using AvSdk.Recording.Links;
using AvSdk.Recording.Spool;
using AvSdk.Recording.Uplink;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Recording;

/// <summary>What a recorder touches of the world: disk, network, clock, chance and log.</summary>
public sealed record RecorderPorts
{
    /// <summary>
    /// The disk; the caller's to dispose, after the recorder. Default: none, the recorder opens
    /// <see cref="RecorderOptions.SpoolFolder"/> itself.
    /// </summary>
    public ISpoolFiles? Files { get; init; }

    /// <summary>The way to the gateway. Default: none; what is recorded stays in the spool.</summary>
    public IUplink? Uplink { get; init; }

    /// <summary>How the vehicle's links are looked at. Default: this machine's interfaces.</summary>
    public ILinkProbe? Links { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Chance: recording ids and the jitter of retries. Default: the shared one.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>
    /// Signs the ledger: ECDSA on P-256, with its private part; the caller's to dispose, after the recorder. Default:
    /// none, the ledger is a chain without a signature.
    /// </summary>
    public ECDsa? LedgerKey { get; init; }

    /// <summary>Where logs go. Default: nowhere.</summary>
    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;
}
