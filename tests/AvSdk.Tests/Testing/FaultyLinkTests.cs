using System.Threading.Channels;
using AvSdk.Contracts.V1;
using AvSdk.Recording.Uplink;
using AvSdk.Testing;
using AvSdk.Tests.Sources;

namespace AvSdk.Tests.Testing;

public sealed class FaultyLinkTests
{
    private readonly EchoLink _echo = new();
    private readonly StepTime _time = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_without_faults_carries_everything()
    {
        using FaultyLink link = new(_echo, _time);
        await using IUplinkSession session = await link.ConnectAsync(Ct);
        await session.SendAsync(new UploadRequest { End = new End() }, Ct);

        Assert.Equal(UploadReply.KindOneofCase.Ended, (await session.ReceiveAsync(Ct))!.KindCase);
        Assert.Equal((1, 1, 1), (link.Connections, link.MessagesSent, link.MessagesReceived));
        Assert.Equal(TimeSpan.Zero, _time.Elapsed);
    }

    [Fact]
    public async Task Cutting_fails_what_waits_and_new_connections_until_it_is_restored()
    {
        using FaultyLink link = new(_echo, _time);
        await using IUplinkSession session = await link.ConnectAsync(Ct);
        Task<UploadReply?> waiting = session.ReceiveAsync(Ct).AsTask();

        link.Cut();

        Assert.True((await Assert.ThrowsAsync<UplinkException>(() => waiting)).IsTransient);
        await Assert.ThrowsAsync<UplinkException>(() => link.ConnectAsync(Ct).AsTask());
        link.Restore();
        await Assert.ThrowsAsync<UplinkException>(
            () => session.SendAsync(new UploadRequest { End = new End() }, Ct).AsTask());
        await using IUplinkSession again = await link.ConnectAsync(Ct);
        await again.SendAsync(new UploadRequest { End = new End() }, Ct);
    }

    [Fact]
    public async Task A_link_can_be_cut_after_so_many_messages()
    {
        using FaultyLink link = new(_echo, _time);
        link.CutAfter(2);
        await using IUplinkSession session = await link.ConnectAsync(Ct);
        await session.SendAsync(new UploadRequest(), Ct);
        await session.SendAsync(new UploadRequest(), Ct);

        await Assert.ThrowsAsync<UplinkException>(() => session.SendAsync(new UploadRequest(), Ct).AsTask());

        Assert.Equal((2, true), (_echo.Received.Count, link.IsCut));
    }

    [Fact]
    public async Task A_message_can_go_twice()
    {
        using FaultyLink link = new(_echo, _time) { SendsTwice = request => request.Part is not null };
        await using IUplinkSession session = await link.ConnectAsync(Ct);
        await session.SendAsync(new UploadRequest { Part = new Part() }, Ct);
        await session.SendAsync(new UploadRequest { End = new End() }, Ct);
        Assert.Equal(3, _echo.Received.Count);
    }

    [Fact]
    public async Task A_reply_can_be_lost_with_the_link()
    {
        using FaultyLink link = new(_echo, _time) { CutsBefore = reply => reply.Ended is not null };
        await using IUplinkSession session = await link.ConnectAsync(Ct);
        await session.SendAsync(new UploadRequest { End = new End() }, Ct);
        await Assert.ThrowsAsync<UplinkException>(() => session.ReceiveAsync(Ct).AsTask());
        Assert.True(link.IsCut);
    }

    [Fact]
    public async Task Each_message_can_be_slow()
    {
        using FaultyLink link = new(_echo, _time) { Delay = TimeSpan.FromMilliseconds(50) };
        await using IUplinkSession session = await link.ConnectAsync(Ct);
        await session.SendAsync(new UploadRequest { End = new End() }, Ct);
        await session.ReceiveAsync(Ct);
        Assert.Equal(TimeSpan.FromMilliseconds(150), _time.Elapsed);
    }

    [Fact]
    public async Task The_callers_cancellation_stays_a_cancellation()
    {
        using FaultyLink link = new(_echo, _time);
        await using IUplinkSession session = await link.ConnectAsync(Ct);
        using CancellationTokenSource mine = new();
        Task<UploadReply?> waiting = session.ReceiveAsync(mine.Token).AsTask();
        await mine.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    /// <summary>Answers each End with Ended.</summary>
    private sealed class EchoLink : IUplink
    {
        public List<UploadRequest> Received { get; } = [];

        public string Name => "echo";

        public ValueTask<IUplinkSession> ConnectAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult<IUplinkSession>(new Session(Received));

        private sealed class Session(List<UploadRequest> received) : IUplinkSession
        {
            private readonly System.Threading.Channels.Channel<UploadReply> _replies =
                Channel.CreateUnbounded<UploadReply>();

            public ValueTask SendAsync(UploadRequest request, CancellationToken cancellationToken)
            {
                received.Add(request);
                if (request.End is not null)
                    _replies.Writer.TryWrite(new UploadReply { Ended = new Ended() });
                return ValueTask.CompletedTask;
            }

            public async ValueTask<UploadReply?> ReceiveAsync(CancellationToken cancellationToken) =>
                await _replies.Reader.ReadAsync(cancellationToken);

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
