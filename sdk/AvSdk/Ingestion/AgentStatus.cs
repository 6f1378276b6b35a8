using System.Buffers;
using System.Net.Sockets;
using AvSdk.Mcap;
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
    public static async Task<byte[]> RequestAsync(string address, CancellationToken cancellationToken)
    {
        string path = GatewayAddress.ParseUnixSocket(address);
        try
        {
            using Socket socket = await AgentSocket.ConnectAsync(path, cancellationToken)
                .ConfigureAwait(false);
            NetworkStream stream = new(socket, ownsSocket: false);
            await using (stream.ConfigureAwait(false))
                return await RequestAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is AgentException or IOException or SocketException)
        {
            throw new RecorderException(exception.Message, exception);
        }
    }

    private static async Task<byte[]> RequestAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> request = new();
        McapRecordWriter.WriteMagic(request);
        McapRecordWriter.WriteHeader(request, new McapHeader("", "avsdk"));
        IngestRecords.WriteStatusRequest(request, token: 1);
        await stream.WriteAsync(request.WrittenMemory, cancellationToken).ConfigureAwait(false);
        using IngestStreamParser parser = new(McapLimits.Default, 64 << 10);
        while (true)
        {
            switch (parser.TryRead(out IngestRecord record))
            {
                case IngestRead.Error:
                    throw new AgentException($"What answers is no agent: {parser.Error.Message}");
                case IngestRead.Record:
                    if (record.Opcode == (byte)IngestOpcode.Status
                        && IngestRecords.TryParseStatus(record.Content.Span, out _, out byte[] json))
                    {
                        return json;
                    }

                    break;
                default:
                    int bytes = await stream.ReadAsync(parser.GetMemory(), cancellationToken)
                        .ConfigureAwait(false);
                    if (bytes == 0)
                        throw new AgentException("The agent closed the connection without an answer.");
                    parser.Advance(bytes);
                    break;
            }
        }
    }
}
