namespace AvSdk.Grpc.Server;

/// <summary>
/// What the server takes and sends; for all methods, or for those that are mapped with their own.
/// </summary>
public sealed record GrpcServerOptions
{
    /// <summary>The largest message that is taken, bytes. Default: 4 MiB.</summary>
    public int ReceiveMessageBytesMax { get; set; } = 4 * 1024 * 1024;

    /// <summary>The largest message that is sent, bytes. Default: no limit but the peer's.</summary>
    public int SendMessageBytesMax { get; set; } = int.MaxValue - 64;

    /// <summary>The clock of deadlines. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>
    /// Every problem, each naming the key, the value and the remedy; empty when there is none.
    /// </summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (ReceiveMessageBytesMax is < 1 or > int.MaxValue - 64)
            problems.Add(
                $"ReceiveMessageBytesMax is {ReceiveMessageBytesMax}: use 1 to {int.MaxValue - 64}.");
        if (SendMessageBytesMax is < 1 or > int.MaxValue - 64)
            problems.Add(
                $"SendMessageBytesMax is {SendMessageBytesMax}: use 1 to {int.MaxValue - 64}.");
        return problems;
    }
}
