using AvSdk.Recording;

namespace AvSdk.Ingestion;

/// <summary>Asks a running agent how it is.</summary>
public static class AgentStatus
{
    /// <summary>The agent's status, JSON in UTF-8, over its ingest socket.</summary>
    /// <param name="address">For example <c>unix:/run/avagent/ingest.sock</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">No address of an agent.</exception>
    /// <exception cref="RecorderException">No agent answers there; the message says what to
    /// check.</exception>
    public static Task<byte[]> RequestAsync(string address, CancellationToken cancellationToken) =>
        AgentRequest.SendAsync<byte[]>(
            address, static output => IngestRecords.WriteStatusRequest(output, token: 1), TryRead, cancellationToken);

    private static bool TryRead(in IngestRecord record, out byte[] json)
    {
        json = [];
        return record.Opcode == (byte)IngestOpcode.Status
            && IngestRecords.TryParseStatus(record.Content.Span, out _, out json);
    }
}
