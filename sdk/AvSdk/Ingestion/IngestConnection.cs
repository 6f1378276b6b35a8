using System.Buffers;
using System.Net.Sockets;
using AvSdk.Mcap;
using AvSdk.Recording;
using Microsoft.Extensions.Logging;

namespace AvSdk.Ingestion;

/// <summary>
/// One connection to the ingest socket: reads, hands records to its session, answers private records.
/// </summary>
internal sealed class IngestConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly LocalRecorder _recorder;
    private readonly IngestSocketOptions _options;
    private readonly SourceOwners _owners;
    private readonly ILogger _logger;
    private readonly IngestStreamParser _parser;
    private readonly IngestSession _session;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Dictionary<string, ulong> _told = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ending = new();
    private Task _telling = Task.CompletedTask;
    private bool _hasAnswered;

    public IngestConnection(
        long id, Socket socket, LocalRecorder recorder, IngestSocketOptions options, SourceOwners owners,
        ILogger logger)
    {
        Id = id;
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: false);
        _recorder = recorder;
        _options = options;
        _owners = owners;
        _logger = logger;
        long bytesMax = options.RecordBytesMax;
        McapLimits limits = new() { RecordBytesMax = bytesMax, ChunkBytesMax = bytesMax };
        _parser = new IngestStreamParser(limits);
        _session = new IngestSession(recorder, limits, options.WhenFull)
        {
            ChannelRefused = TellRefusedAsync,
        };
    }

    public long Id { get; }

    /// <summary>
    /// Ends when the client closes, its stream is bad, or the token is cancelled; never throws for those.
    /// </summary>
    /// <param name="draining">Cancelled: take what is there already, then end.</param>
    /// <param name="cancellationToken">Ends at once.</param>
    public async Task RunAsync(CancellationToken draining, CancellationToken cancellationToken)
    {
        using CancellationTokenSource ending =
            CancellationTokenSource.CreateLinkedTokenSource(_ending.Token, cancellationToken);
        try
        {
            await ReadAsync(draining, ending.Token).ConfigureAwait(false);
            if (!_parser.IsAtBoundary)
                IngestLog.StreamCut(_logger, Id, _options.SocketPath, _parser.BytesReceived);
        }
        catch (IngestStreamException exception)
        {
            AvSdkTelemetry.SocketRefusedStreams.Add(1);
            IngestLog.StreamRefused(_logger, Id, _options.SocketPath,
                $"at byte {exception.Offset}: {exception.Message}");
            await TellErrorAsync(exception, ending.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or IOException or SocketException)
        {
            // The other end is gone, or we are to go; what was taken stays.
        }
        finally
        {
            await _ending.CancelAsync().ConfigureAwait(false);
            await _telling.ConfigureAwait(false);
            if (_session.Source is { } source)
                _owners.Release(source.Id, this);
            AvSdkTelemetry.SocketMessages.Add(_session.Messages);
            IngestLog.ConnectionEnded(_logger, Id, _options.SocketPath, _session.Messages);
        }
    }

    /// <summary>Its client has made another connection.</summary>
    public void End() => _ending.Cancel();

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
        _parser.Dispose();
        _writing.Dispose();
        _ending.Dispose();
    }

    private async Task ReadAsync(CancellationToken draining, CancellationToken cancellationToken)
    {
        using CancellationTokenSource reading =
            CancellationTokenSource.CreateLinkedTokenSource(draining, cancellationToken);
        while (true)
        {
            int bytes = await ReceiveAsync(reading.Token, cancellationToken).ConfigureAwait(false);
            if (bytes == 0)
                return;
            AvSdkTelemetry.SocketBytes.Add(bytes);
            _parser.Advance(bytes);
            while (true)
            {
                IngestRead read = _parser.TryRead(out IngestRecord record);
                if (read == IngestRead.NeedMore)
                    break;
                if (read == IngestRead.Error)
                    throw new IngestStreamException(_parser.Error.Offset, _parser.Error.Message);
                if (record.Opcode < (byte)IngestOpcode.Hello)
                    await _session.TakeAsync(record, cancellationToken).ConfigureAwait(false);
                else
                    await TakePrivateAsync(record, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // While draining only what lies in the kernel already is taken.
    private async ValueTask<int> ReceiveAsync(CancellationToken reading, CancellationToken cancellationToken)
    {
        Memory<byte> memory = _parser.GetMemory();
        try
        {
            if (!reading.IsCancellationRequested)
                return await _stream.ReadAsync(memory, reading).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Draining began.
        }

        cancellationToken.ThrowIfCancellationRequested();
        return _socket.Available == 0
            ? 0
            : await _stream.ReadAsync(memory, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask TakePrivateAsync(IngestRecord record, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> content = record.Content.Span;
        switch ((IngestOpcode)record.Opcode)
        {
            case IngestOpcode.Hello:
                return IngestRecords.TryParseHello(content, out HelloRecord hello)
                    ? WelcomeAsync(hello, record.Offset, cancellationToken)
                    : throw CutShort(record);
            case IngestOpcode.NextOrdinal:
                if (!IngestRecords.TryParseNextOrdinal(content, out NextOrdinalRecord next))
                    throw CutShort(record);
                _session.SetNextOrdinal(next, record.Offset);
                return ValueTask.CompletedTask;
            case IngestOpcode.Lost:
                if (!IngestRecords.TryParseLost(content, out LostRecord lost))
                    throw CutShort(record);
                _session.CountLost(lost, record.Offset);
                return ValueTask.CompletedTask;
            case IngestOpcode.Flush:
                return IngestRecords.TryParseToken(content, out ulong flush)
                    ? FlushAsync(flush, cancellationToken)
                    : throw CutShort(record);
            case IngestOpcode.Mark:
                return IngestMarks.TryParse(content, out RecordingMark mark)
                    ? MarkAsync(mark, cancellationToken)
                    : throw CutShort(record);
            case IngestOpcode.StatusRequest:
                return IngestRecords.TryParseToken(content, out ulong status)
                    ? TellStatusAsync(status, cancellationToken)
                    : throw CutShort(record);
            default:
                return ValueTask.CompletedTask; // Somebody else's, or of a later version.
        }
    }

    private async ValueTask WelcomeAsync(HelloRecord hello, long offset, CancellationToken cancellationToken)
    {
        if (hello.Protocol != IngestRecords.Protocol)
        {
            throw new IngestStreamException(offset,
                $"The client speaks version {hello.Protocol} of the protocol, this agent version "
                    + $"{IngestRecords.Protocol}: update the older one.");
        }

        // An earlier connection of the same client may still be reading: only after its end is known what was
        // taken.
        await _owners.TakeOverAsync(hello.SourceId, this, cancellationToken).ConfigureAwait(false);
        RecordingSource source =
            await _recorder.OpenSourceAsync(hello.SourceId, cancellationToken).ConfigureAwait(false);
        _session.Begin(source, offset);
        IngestLog.SourceConnected(_logger, Id, _options.SocketPath, hello.Software, hello.SourceId);
        IReadOnlyList<TopicPosition> positions = NewlyDurable(source.DurablePositions);
        uint messageBytesMax =
            (uint)Math.Min(_recorder.Options.MessageBytesMax, _options.RecordBytesMax - 64);
        WelcomeRecord welcome =
            new(IngestRecords.Protocol, _recorder.RecordingId, messageBytesMax, positions);
        await SendAsync(output => IngestRecords.Write(output, welcome), cancellationToken)
            .ConfigureAwait(false);
        _telling = Task.Run(() => TellDurableAsync(source), CancellationToken.None);
    }

    private async ValueTask FlushAsync(ulong token, CancellationToken cancellationToken)
    {
        // After the flush, what the recorder had answered for before it is durable, or counted as dropped.
        IReadOnlyDictionary<string, ulong>? accepted = _session.Source?.AcceptedPositions;
        string failure = "";
        try
        {
            await _recorder.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RecorderException or IOException)
        {
            failure = exception.Message;
            accepted = null;
        }

        await SendAsync(
            output =>
            {
                if (accepted is not null && NewlyDurable(accepted) is { Count: > 0 } positions)
                    IngestRecords.WriteDurable(output, positions);
                IngestRecords.Write(output, new FlushedRecord(token, failure));
            },
            cancellationToken).ConfigureAwait(false);
    }

    private ValueTask MarkAsync(RecordingMark mark, CancellationToken cancellationToken)
    {
        MarkedRecord marked = IngestMarks.Mark(_recorder, mark);
        return SendAsync(output => IngestMarks.Write(output, marked), cancellationToken);
    }

    private async ValueTask TellStatusAsync(ulong token, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> json = await _options.Status(cancellationToken).ConfigureAwait(false);
        await SendAsync(output => IngestRecords.WriteStatus(output, token, json), cancellationToken)
            .ConfigureAwait(false);
    }

    private ValueTask TellRefusedAsync(ushort channelId, string reason)
    {
        IngestLog.ChannelNotTaken(_logger, Id, _options.SocketPath, reason);
        return SendAsync(output => IngestRecords.Write(output, new RefusedRecord(channelId, reason)),
            _ending.Token);
    }

    private async ValueTask TellErrorAsync(
        IngestStreamException exception, CancellationToken cancellationToken)
    {
        try
        {
            ErrorRecord error = new((ulong)exception.Offset, exception.Message);
            await SendAsync(output => IngestRecords.Write(output, error), cancellationToken)
                .ConfigureAwait(false);
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or SocketException)
        {
            // It did not wait for an answer.
        }
    }

    private async Task TellDurableAsync(RecordingSource source)
    {
        Signal advanced = new();
        EventHandler onAdvanced = (_, _) => advanced.Tell();
        source.DurablePositionsAdvanced += onAdvanced;
        try
        {
            while (true)
            {
                Task next = advanced.Next;
                await SendAsync(
                    output =>
                    {
                        if (NewlyDurable(source.DurablePositions) is { Count: > 0 } positions)
                            IngestRecords.WriteDurable(output, positions);
                    },
                    _ending.Token).ConfigureAwait(false);
                await next.WaitAsync(_ending.Token).ConfigureAwait(false);
                await Task.Delay(_options.DurableInterval, _options.TimeProvider, _ending.Token)
                    .ConfigureAwait(false);
            }
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or IOException or SocketException)
        {
            // The connection ends; whoever reads from it finds out.
        }
        finally
        {
            source.DurablePositionsAdvanced -= onAdvanced;
        }
    }

    // Under the writing lock, or before anybody else writes.
    private List<TopicPosition> NewlyDurable(IReadOnlyDictionary<string, ulong> durable)
    {
        List<TopicPosition> news = [];
        foreach ((string topic, ulong messages) in durable)
        {
            if (messages <= _told.GetValueOrDefault(topic))
                continue;
            _told[topic] = messages;
            news.Add(new TopicPosition(topic, messages));
        }

        return news;
    }

    private async ValueTask SendAsync(Action<IBufferWriter<byte>> write, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_hasAnswered)
            {
                McapRecordWriter.WriteMagic(_output);
                McapRecordWriter.WriteHeader(_output, new McapHeader("", _recorder.Options.Software));
                _hasAnswered = true;
            }

            write(_output);
            await _stream.WriteAsync(_output.WrittenMemory, cancellationToken).ConfigureAwait(false);
            _output.ResetWrittenCount();
        }
        finally
        {
            _writing.Release();
        }
    }

    private static IngestStreamException CutShort(in IngestRecord record) =>
        new(record.Offset, $"The {(IngestOpcode)record.Opcode} record is shorter than its fields.");
}
