namespace AvSdk.Gateway;

/// <summary>The gateway was not started, because of its options. The message lists every problem.</summary>
public sealed class GatewayOptionsException : Exception
{
    /// <summary>Creates the exception for <paramref name="problems"/>.</summary>
    public GatewayOptionsException(IReadOnlyList<GatewayOptionProblem> problems)
        : base("The gateway's options are wrong: " + string.Join(" · ", problems)) => Problems = problems;

    /// <summary>Creates the exception.</summary>
    public GatewayOptionsException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public GatewayOptionsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public GatewayOptionsException()
        : this("The gateway's options are wrong.")
    {
    }

    /// <summary>All of them; empty where the exception was made from a message alone.</summary>
    public IReadOnlyList<GatewayOptionProblem> Problems { get; } = [];
}
