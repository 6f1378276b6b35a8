using System.Buffers;
using System.Net.Sockets;
using AvSdk.Mcap;
using AvSdk.Recording;
using Microsoft.Extensions.Logging;

namespace AvSdk.Ingestion;

/// <summary>
/// One connection of a client to the agent: says hello, then sends what the source keeps and takes the
/// agent's answers, until it is lost. The receiver decides how it ended, since the agent's last word says
/// why.
/// </summary>
internal sealed class AgentConnection : IDisposable
{
    private const string Profile = "";

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly SocketSource _source;
    private readonly ILogger _logger;
    private readonly IngestStreamParser _parser = new(McapLimits.Default, 64 << 10);
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly HashSet<ushort> _schemasSent = [];

    // Written to _output and not sent yet: told only when they were, so that a broken connection loses no count.
    private readonly List<(LossCounts Losses, IReadOnlyList<(string Reason, ulong Messages)> Told)> _lossesWritten = [];
    private int _channelsSent;

    private AgentConnection(Socket socket, SocketSource source, ILogger logger)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: false);
        _source = source;
        _logger = logger;
    }

    /// <summary>The recording that the agent was in when the connection was made.</summary>
    public Guid RecordingId { get; private set; }

    /// <summary>Connects, and returns when the agent has said what is durable.</summary>
    /// <exception cref="AgentException">The agent is not there, or refuses.</exception>
    public static async Task<AgentConnection> ConnectAsync(
        string path, SocketSource source, string software, ILogger logger, CancellationToken token)
    {
        Socket socket = await AgentSocket.ConnectAsync(path, token).ConfigureAwait(false);
        AgentConnection connection = new(socket, source, logger);
        try
        {
            await connection.GreetAsync(software, token).ConfigureAwait(false);
            return connection;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            connection.Dispose();
            throw new AgentException($"The agent at {path} was lost: {exception.Message}", exception);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends and receives until the connection is lost, or the token is cancelled.</summary>
    /// <exception cref="AgentException">The agent is gone, or says what is wrong.</exception>
    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource ending =
            CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task sending = SendUntilLostAsync(ending.Token);
        try
        {
            while (true)
                Handle(await ReceiveAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw new AgentException($"The agent was lost: {exception.Message}", exception);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
        _parser.Dispose();
    }

    private async Task GreetAsync(string software, CancellationToken cancellationToken)
    {
        McapRecordWriter.WriteMagic(_output);
        McapRecordWriter.WriteHeader(_output, new McapHeader(Profile, software));
        IngestRecords.Write(_output, new HelloRecord(IngestRecords.Protocol, _source.SourceId, software));
        await SendOutputAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            IngestRecord record = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
            if (record.Opcode != (byte)IngestOpcode.Welcome)
            {
                Handle(record);
                continue;
            }

            if (!IngestRecords.TryParseWelcome(record.Content.Span, out WelcomeRecord welcome))
                throw new AgentException("The agent's welcome cannot be read: update the older of the two.");
            if (!_source.Welcome(welcome))
            {
                _source.BeginAnew();
                throw new AgentException("The agent no longer knows what it had made durable; what it had "
                    + "not is sent under a new name.");
            }

            RecordingId = welcome.RecordingId;
            return;
        }
    }

    /// <summary>The next record; borrowed until the next call.</summary>
    private async ValueTask<IngestRecord> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (_parser.TryRead(out IngestRecord record))
            {
                case IngestRead.Record:
                    return record;
                case IngestRead.Error:
                    throw new AgentException($"What answers is no agent: {_parser.Error.Message}");
                default:
                    int bytes = await _stream.ReadAsync(_parser.GetMemory(), cancellationToken)
                        .ConfigureAwait(false);
                    if (bytes == 0)
                        throw new AgentException("The agent closed the connection.");
                    _parser.Advance(bytes);
                    break;
            }
        }
    }

    private void Handle(in IngestRecord record)
    {
        ReadOnlySpan<byte> content = record.Content.Span;
        switch ((IngestOpcode)record.Opcode)
        {
            case IngestOpcode.Durable
                when IngestRecords.TryParseDurable(content, out IReadOnlyList<TopicPosition> positions):
                _source.TakeDurable(positions);
                break;
            case IngestOpcode.Flushed when IngestRecords.TryParseFlushed(content, out FlushedRecord flushed):
                _source.AnswerFlush(flushed);
                break;
            case IngestOpcode.Marked when IngestMarks.TryParse(content, out MarkedRecord marked):
                if (_source.Marks.Answer(marked.MarkId) is { } mark && marked.Outcome != (byte)MarkResult.Accepted)
                    IngestLog.MarkRefused(_logger, mark.Name, marked.Reason);
                break;
            case IngestOpcode.Refused when IngestRecords.TryParseRefused(content, out RefusedRecord refused):
                Refuse(refused);
                break;
            case IngestOpcode.Error when IngestRecords.TryParseError(content, out ErrorRecord error):
                throw new AgentException($"The agent closed the connection: {error.Message}")
                {
                    IsRefusal = true,
                };
        }
    }

    private void Refuse(in RefusedRecord refused)
    {
        int index = SourceChannelIds.ToIndex(refused.ChannelId);
        if (index < 0 || index >= _source.Channels.Count)
            return;
        SocketChannel channel = _source.Channels[index];
        channel.Refuse(refused.Reason);
        IngestLog.ChannelRefused(_logger, channel.Spec.Topic, refused.Reason);
    }

    private async Task SendUntilLostAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or SocketException or IOException)
        {
            // The receiver finds the same, and perhaps the reason.
        }
        catch
        {
            _socket.Shutdown(SocketShutdown.Both);
            throw;
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        _source.Rewind();
        while (true)
        {
            Task work = _source.Work.Next;
            WriteDefinitions();
            WriteLosses();
            foreach (RecordingMark mark in _source.Marks.Take())
                IngestMarks.Write(_output, mark);
            await SendOutputAsync(cancellationToken).ConfigureAwait(false);
            bool sent = await SendBatchesAsync(cancellationToken).ConfigureAwait(false);
            foreach (ulong token in _source.TakeFlushesToAsk())
                IngestRecords.WriteFlush(_output, token);
            await SendOutputAsync(cancellationToken).ConfigureAwait(false);
            if (!sent)
                await work.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // A channel's definition must go before its messages: what was defined after we looked waits for the next
    // round.
    private async ValueTask<bool> SendBatchesAsync(CancellationToken cancellationToken)
    {
        bool sent = false;
        while (_source.Channels.Count == _channelsSent
            && _source.Ring.TryGive(_channelsSent, out RingBatch batch))
        {
            try
            {
                if (batch.Jump is { } jump)
                {
                    ulong ordinal = jump.Ordinal - _source.Channels[jump.Channel].WireBase;
                    IngestRecords.Write(
                        _output, new NextOrdinalRecord(SourceChannelIds.FromIndex(jump.Channel), ordinal));
                    await SendOutputAsync(cancellationToken).ConfigureAwait(false);
                }

                if (!batch.Records.IsEmpty)
                    await _stream.WriteAsync(batch.Records, cancellationToken).ConfigureAwait(false);
                sent = true;
            }
            finally
            {
                if (_source.Ring.GiveBack(batch))
                    _source.Room.Tell();
            }
        }

        return sent;
    }

    private void WriteDefinitions()
    {
        IReadOnlyList<SocketChannel> channels = _source.Channels;
        for (; _channelsSent < channels.Count; _channelsSent++)
        {
            ChannelSpec spec = channels[_channelsSent].Spec;
            McapSchema? schema = _source.SchemaOf(spec);
            if (schema is not null && _schemasSent.Add(schema.Id))
                McapRecordWriter.WriteSchema(_output, schema);
            Dictionary<string, string> metadata = new(spec.Metadata, StringComparer.Ordinal);
            if (spec.Lane is { } lane)
                metadata[IngestMetadata.Lane] = lane;
            McapRecordWriter.WriteChannel(_output, new McapChannel(
                SourceChannelIds.FromIndex(_channelsSent), schema?.Id ?? 0, spec.Topic, spec.MessageEncoding,
                metadata));
        }
    }

    private void WriteLosses()
    {
        for (int index = 0; index < _channelsSent; index++)
        {
            SocketChannel channel = _source.Channels[index];
            if (!channel.Losses.HasUntold)
                continue;
            IReadOnlyList<(string Reason, ulong Messages)> untold = channel.Losses.Untold();
            foreach ((string reason, ulong messages) in untold)
            {
                IngestRecords.Write(
                    _output, new LostRecord(SourceChannelIds.FromIndex(index), messages, reason));
            }

            _lossesWritten.Add((channel.Losses, untold));
        }
    }

    private async ValueTask SendOutputAsync(CancellationToken cancellationToken)
    {
        if (_output.WrittenCount == 0)
            return;
        await _stream.WriteAsync(_output.WrittenMemory, cancellationToken).ConfigureAwait(false);
        _output.ResetWrittenCount();
        foreach ((LossCounts losses, IReadOnlyList<(string, ulong)> told) in _lossesWritten)
            losses.SetTold(told);
        _lossesWritten.Clear();
    }
}
