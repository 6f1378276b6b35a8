using System.Runtime.CompilerServices;
using AvSdk.Grpc.Framing;
using Google.Protobuf;

namespace AvSdk.Grpc.Transport;

/// <summary>The answering half of a call: headers, messages, trailers, status.</summary>
/// <remarks>Reads are serialised: each takes the next message. Memory is pooled and goes back when the call
/// is disposed.</remarks>
internal sealed class ResponseReader<TResponse> : IAsyncDisposable
    where TResponse : class, IMessage<TResponse>
{
    // What a writer that failed may read ahead for the reader while it looks for the status.
    private const int ReadAheadMessagesMax = 64;
    private static readonly TimeSpan StatusGrace = TimeSpan.FromSeconds(5);

    private readonly CallLifetime _lifetime;
    private readonly MessageParser<TResponse> _parser;
    private readonly TimeProvider _timeProvider;
    private readonly FrameBuffer _buffer;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Queue<TResponse> _readAhead = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<GrpcMetadata> _opened = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StreamingContent? _requests;
    private readonly Task<HttpResponseMessage> _response;
    private CancellationTokenRegistration _resetOnAbort;
    private Stream? _body;
    private Exception? _failure;
    private GrpcMetadata? _trailers;

    public ResponseReader(
        HttpMessageInvoker invoker,
        HttpRequestMessage request,
        MessageParser<TResponse> parser,
        GrpcChannelOptions options,
        CallLifetime lifetime)
    {
        _lifetime = lifetime;
        _parser = parser;
        _timeProvider = options.TimeProvider;
        _buffer = new FrameBuffer(
            options.ReceiveMessageBytesMax, nameof(GrpcChannelOptions.ReceiveMessageBytesMax));
        _requests = request.Content as StreamingContent;
        _response = SendAsync(invoker, request);
    }

    public bool IsFinished => _finished.Task.IsCompleted;

    public GrpcMetadata Trailers => _trailers
        ?? throw new InvalidOperationException(
            "Trailers come after the last message: read to the end first.");

    /// <summary>Waits for the headers, beside a read that may be under way.</summary>
    public async Task<GrpcMetadata> GetHeadersAsync(CancellationToken cancellationToken)
    {
        if (!_opened.Task.IsCompleted)
        {
            using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(
                cancellationToken);
            Task turn = _turn.WaitAsync(waiting.Token);
            if (await Task.WhenAny(turn, _opened.Task).ConfigureAwait(false) != turn)
                await waiting.CancelAsync().ConfigureAwait(false);
            await turn.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (turn.IsCompletedSuccessfully)
                await OpenInTurnAsync(cancellationToken).ConfigureAwait(false);
        }

        return await _opened.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The next message; null after the last one of a call that ended with OK.</summary>
    public async ValueTask<TResponse?> ReadAsync(CancellationToken cancellationToken)
    {
        if (!_turn.Wait(0, CancellationToken.None))
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_readAhead.TryDequeue(out TResponse? ready))
                return ready;
            return await ReadNextAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async IAsyncEnumerable<TResponse> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await ReadAsync(cancellationToken).ConfigureAwait(false) is { } message)
            yield return message;
    }

    /// <summary>The response of a call that has one: neither none nor two.</summary>
    public async Task<TResponse> ReadOnlyOneAsync(CancellationToken cancellationToken)
    {
        TResponse? response = await ReadAsync(cancellationToken).ConfigureAwait(false);
        if (response is not null && await ReadAsync(cancellationToken).ConfigureAwait(false) is null)
            return response;
        throw new GrpcException(
            GrpcStatusCode.Unimplemented,
            $"{_lifetime.Target} was answered with {(response is null ? "no" : "more than one")} response, "
            + "and must be with one: server and client have different definitions of the method.");
    }

    /// <summary>
    /// Why a write failed. A server that ends a call early says its reason in the trailers, and our write
    /// fails before they are read: so read first, and keep what comes before them for the reader.
    /// </summary>
    public async Task<Exception> ExplainWriteFailureAsync(Exception cause)
    {
        if (!IsFinished && _lifetime.StopReason(cause) is { } stopped)
            return stopped;
        if (_turn.Wait(0, CancellationToken.None))
        {
            try
            {
                await ReadAheadAsync().ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        else
        {
            await Task.WhenAny(
                _finished.Task,
                Task.Delay(StatusGrace, _timeProvider, _lifetime.Token)).ConfigureAwait(false);
        }

        if (!IsFinished)
            return _lifetime.StopReason(cause) ?? TransportFailure.From(cause, _lifetime.Target);
        return _failure ?? new GrpcException(
            GrpcStatusCode.Cancelled,
            $"The server ended the call {_lifetime.Target} with OK before this message was sent.",
            cause);
    }

    public async ValueTask DisposeAsync()
    {
        if (!IsFinished)
            _lifetime.Abort();
        try
        {
            (await _response.ConfigureAwait(false)).Dispose();
        }
        catch (Exception)
        {
            // The call failed or was aborted: whoever reads it is told, and disposing is no place to tell it
            // again.
        }

        await _resetOnAbort.DisposeAsync().ConfigureAwait(false);
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        if (!IsFinished)
            Finish(_lifetime.StopReason(null), []);
        _buffer.Dispose();
        _turn.Release();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker invoker, HttpRequestMessage request)
    {
        try
        {
            HttpResponseMessage response = await invoker.SendAsync(
                request, _lifetime.Token).ConfigureAwait(false);

            // Disposing a response that has not ended resets the stream.
            _resetOnAbort = _lifetime.Token.UnsafeRegister(
                static r => ((HttpResponseMessage)r!).Dispose(), response);
            return response;
        }
        catch (OperationCanceledException e) when (!_lifetime.Token.IsCancellationRequested)
        {
            // A peer that begins with something else than HTTP/2 is sometimes told of by no more than this.
            GrpcException failure = TransportFailure.Unanswered(_lifetime.Target, e);
            _requests?.Abort(failure);
            throw failure;
        }
        catch (Exception e)
        {
            _requests?.Abort(e);
            throw;
        }
    }

    private async Task OpenInTurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            using LinkedScope scope = new(_lifetime, cancellationToken);
            if (!IsFinished)
                await GuardAsync(OpenAsync(scope.Token), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask<TResponse?> ReadNextAsync(CancellationToken cancellationToken)
    {
        if (IsFinished)
            return _failure is null ? null : throw _failure;
        using LinkedScope scope = new(_lifetime, cancellationToken);
        ValueTask<TResponse?> next = ReadFrameAsync(scope.Token);
        return await GuardAsync(next, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<TResponse?> ReadFrameAsync(CancellationToken cancellationToken)
    {
        HttpResponseMessage? response = await OpenAsync(cancellationToken).ConfigureAwait(false);
        if (response is null)
            return null;
        _body ??= await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            if (TryParse(out TResponse? message))
                return message;
            int read = await _body.ReadAsync(
                _buffer.GetFreeMemory(), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                break;
            _buffer.Commit(read);
        }

        GrpcMetadata trailers = ResponseStatus.Metadata(response.TrailingHeaders);
        GrpcException? failure = ResponseStatus.Failure(response.TrailingHeaders, trailers, _lifetime.Target);
        if (failure is null && _buffer.BufferedBytes > 0)
            failure = MessageFraming.Truncated(_buffer.BufferedBytes);
        Finish(failure, trailers);
        return failure is null ? null : throw failure;
    }

    private bool TryParse(out TResponse? message)
    {
        message = null;
        if (!_buffer.TryRead(out ReadOnlySpan<byte> bytes))
            return false;
        try
        {
            message = _parser.ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new GrpcException(
                GrpcStatusCode.Internal,
                $"A response of {_lifetime.Target}, {bytes.Length} bytes, is no {typeof(TResponse).Name}: "
                + e.Message,
                e);
        }
    }

    /// <summary>Waits for the headers. Null: the call is over with OK and has no body.</summary>
    private async ValueTask<HttpResponseMessage?> OpenAsync(CancellationToken cancellationToken)
    {
        HttpResponseMessage response = _response.IsCompletedSuccessfully
            ? _response.Result
            : await _response.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_opened.Task.IsCompleted)
            return response;
        GrpcMetadata headers = ResponseStatus.Metadata(response.Headers);
        if (!ResponseStatus.IsIn(response.Headers))
        {
            if (TransportFailure.FromResponse(response, _lifetime.Target) is { } notGrpc)
                throw notGrpc;
            _opened.TrySetResult(headers);
            return response;
        }

        // Trailers-only: status and trailers stand where the headers do.
        GrpcException? failure = ResponseStatus.Failure(response.Headers, headers, _lifetime.Target);
        if (failure is null)
            _opened.TrySetResult(headers);
        Finish(failure, headers);
        return failure is null ? null : throw failure;
    }

    private async Task ReadAheadAsync()
    {
        using CancellationTokenSource grace = new(StatusGrace, _timeProvider);
        try
        {
            while (!IsFinished && _readAhead.Count < ReadAheadMessagesMax)
            {
                if (await ReadNextAsync(grace.Token).ConfigureAwait(false) is { } message)
                    _readAhead.Enqueue(message);
            }
        }
        catch (Exception e) when (e is GrpcException or OperationCanceledException)
        {
            // It is kept as the call's failure, or there was none in time.
        }
    }

    /// <summary>
    /// Turns what a read throws into what the caller is told, and remembers it as the call's end.
    /// </summary>
    private async ValueTask<T?> GuardAsync<T>(ValueTask<T?> read, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await read.ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
            when (cancellationToken.IsCancellationRequested && !_lifetime.Token.IsCancellationRequested)
        {
            // This read alone was cancelled; nothing was taken, and the call goes on.
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (Exception e)
        {
            if (!IsFinished)
            {
                Exception failure = _lifetime.StopReason(e) ?? TransportFailure.From(e, _lifetime.Target);
                Finish(failure, (failure as GrpcException)?.Trailers ?? []);
                _lifetime.Abort();
            }

            if (ReferenceEquals(e, _failure))
                throw;
            throw _failure!;
        }
    }

    private void Finish(Exception? failure, GrpcMetadata trailers)
    {
        _failure = failure;
        _trailers = trailers;
        _finished.TrySetResult();
        if (failure is not null && _opened.TrySetException(failure))
            _ = _opened.Task.Exception;

        // A write that waits for room would wait forever: whoever has answered may read no more. Its token
        // comes first, since HttpClient forgets the waiter when the body fails under it.
        if (_requests is not null)
        {
            _lifetime.Abort();
            _requests.Abort(failure ?? new IOException("The server has ended the call."));
        }
    }
}
