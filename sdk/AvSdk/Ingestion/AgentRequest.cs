using System.Buffers;
using System.Net.Sockets;
using AvSdk.Mcap;
using AvSdk.Recording;

namespace AvSdk.Ingestion;

/// <summary>One question to a running agent, over its ingest socket.</summary>
internal static class AgentRequest
{
    /// <summary>Reads the answer; false: the record is none.</summary>
    public delegate bool TryRead<T>(in IngestRecord record, out T answer);

    /// <exception cref="ArgumentException">No address of an agent.</exception>
    /// <exception cref="RecorderException">No agent answers there; the message says what to check.</exception>
    public static async Task<T> SendAsync<T>(
        string address, Action<IBufferWriter<byte>> write, TryRead<T> tryRead, CancellationToken cancellationToken)
    {
        string path = GatewayAddress.ParseUnixSocket(address);
        try
        {
            using Socket socket = await AgentSocket.ConnectAsync(path, cancellationToken).ConfigureAwait(false);
            NetworkStream stream = new(socket, ownsSocket: false);
            await using (stream.ConfigureAwait(false))
                return await SendAsync(stream, write, tryRead, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is AgentException or IOException or SocketException)
        {
            throw new RecorderException(exception.Message, exception);
        }
    }

    private static async Task<T> SendAsync<T>(
        NetworkStream stream, Action<IBufferWriter<byte>> write, TryRead<T> tryRead,
        CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> request = new();
        McapRecordWriter.WriteMagic(request);
        McapRecordWriter.WriteHeader(request, new McapHeader("", "avsdk"));
        write(request);
        await stream.WriteAsync(request.WrittenMemory, cancellationToken).ConfigureAwait(false);
        using IngestStreamParser parser = new(McapLimits.Default, 64 << 10);
        while (true)
        {
            switch (parser.TryRead(out IngestRecord record))
            {
                case IngestRead.Error:
                    throw new AgentException($"What answers is no agent: {parser.Error.Message}");
                case IngestRead.Record:
                    if (tryRead(record, out T answer))
                        return answer;
                    break;
                default:
                    int bytes = await stream.ReadAsync(parser.GetMemory(), cancellationToken).ConfigureAwait(false);
                    if (bytes == 0)
                        throw new AgentException("The agent closed the connection without an answer.");
                    parser.Advance(bytes);
                    break;
            }
        }
    }
}
