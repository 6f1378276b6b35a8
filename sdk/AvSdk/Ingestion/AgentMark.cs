using AvSdk.Recording;

namespace AvSdk.Ingestion;

/// <summary>Marks a moment in a running agent, for whoever records nothing: a button, a shell.</summary>
public static class AgentMark
{
    /// <summary>Marks over the agent's ingest socket, and waits for its answer.</summary>
    /// <param name="address">For example <c>unix:/run/avagent/ingest.sock</c>.</param>
    /// <param name="mark">What to mark; without a log time, the moment of the latest message.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">No address of an agent, or the mark cannot be.</exception>
    /// <exception cref="RecorderException">No agent answers there, or it refuses; the message says why.</exception>
    public static async Task RequestAsync(
        string address, RecordingMark mark, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(mark);
        if (mark.Problem() is { } problem)
            throw new ArgumentException(problem, nameof(mark));
        MarkedRecord marked = await AgentRequest.SendAsync<MarkedRecord>(
            address, output => IngestMarks.Write(output, mark), TryRead, cancellationToken).ConfigureAwait(false);
        if (marked.Outcome != (byte)MarkResult.Accepted)
            throw new RecorderException($"The agent refused the mark: {marked.Reason}");
    }

    private static bool TryRead(in IngestRecord record, out MarkedRecord marked)
    {
        marked = default;
        return record.Opcode == (byte)IngestOpcode.Marked && IngestMarks.TryParse(record.Content.Span, out marked);
    }
}
