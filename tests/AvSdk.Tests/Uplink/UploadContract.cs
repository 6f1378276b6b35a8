using AvSdk.Contracts.V1;
using AvSdk.Gateway;
using AvSdk.Gateway.Admission;
using AvSdk.Recording;
using AvSdk.Recording.Uplink;
using AvSdk.Testing;
using AvSdk.Tests.Gateway;
using AvSdk.Tests.Recording.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace AvSdk.Tests.Uplink;

/// <summary>What every way to a gateway must do; one class for each.</summary>
public abstract class UploadContract : IAsyncLifetime
{
    private const int SessionsMax = 6;

    private readonly TempFolder _folder = new();
    private protected readonly SampleRecording _drive = new();

    private protected InProcessGateway Gateway { get; private set; } = null!;

    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Another one each time; the test's end closes all.</summary>
    private protected abstract IUplink NewUplink(string vehicleId);

    public async ValueTask InitializeAsync()
    {
        Action<GatewayOptions>? configure = await StartAsync();
        Gateway = await InProcessGateway.StartAsync(
            null,
            options =>
            {
                options.Admission = new GatewayAdmissionOptions { SessionsMax = SessionsMax };
                configure?.Invoke(options);
            },
            null, Ct);
        GatewayRuntime runtime = Gateway.Services.GetRequiredService<GatewayRuntime>();
        await Eventually.Holds(() => runtime.MqttProblem is null, "the gateway's connection to the broker");
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What is needed beside the gateway; returns what it must know of it.</summary>
    private protected virtual Task<Action<GatewayOptions>?> StartAsync() => Task.FromResult<Action<GatewayOptions>?>(null);

    [Fact]
    public async Task A_chunk_gets_a_receipt_and_is_stored_once()
    {
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await using (IUplinkSession session = await ConnectAsync())
        {
            Assert.Equal(ChunkState.Types.Kind.Unknown, (await AnnounceAsync(session, chunk)).Kind);
            Receipt receipt = (await AskAsync(session, chunk.Part())).Receipt;
            Assert.Equal((Receipt.Types.Outcome.Stored, chunk.Header.Sha256), (receipt.Outcome, receipt.Sha256));
            Assert.Equal(Receipt.Types.Outcome.AlreadyStored, (await AskAsync(session, chunk.Part())).Receipt.Outcome);
        }

        await using IUplinkSession again = await ConnectAsync();
        Assert.Equal(ChunkState.Types.Kind.Stored, (await AnnounceAsync(again, chunk)).Kind);
    }

    [Fact]
    public async Task After_a_lost_session_a_chunk_goes_on_at_the_part_where_it_was()
    {
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0), (_drive.Imu, 1));
        await using (IUplinkSession session = await ConnectAsync())
        {
            await AnnounceAsync(session, chunk);
            await session.SendAsync(chunk.Part(0, 100), Ct);

            // The answer to this shows that the part before it was taken.
            await AnnounceAsync(session, chunk);
        }

        await using IUplinkSession again = await ConnectAsync();
        ChunkState state = await AnnounceAsync(again, chunk);
        Assert.Equal((ChunkState.Types.Kind.Partial, 100UL), (state.Kind, state.HeldBytes));
        Assert.Equal(Receipt.Types.Outcome.Stored, (await AskAsync(again, chunk.Part(100))).Receipt.Outcome);
    }

    [Fact]
    public async Task A_chunk_of_many_parts_arrives_whole_beside_another()
    {
        SampleChunk large = _drive.Chunk(100_000, [.. Enumerable.Range(0, 80).Select(i => (_drive.Imu, i / 100.0))]);
        SampleChunk other = _drive.Chunk(100_000, [.. Enumerable.Range(0, 10).Select(i => (_drive.Camera, i / 100.0))]);
        IUplink uplink = NewUplink(_drive.VehicleId);
        await using IUplinkSession session = await uplink.ConnectAsync(Ct);
        int partBytes = (int)(await OpenAsync(session)).PartBytesMax;
        Assert.InRange(partBytes, 4096, 1 << 20);
        partBytes = Math.Min(partBytes, 64 << 10);
        await AskAsync(session, _drive.Define());
        await AnnounceAsync(session, large);
        await AnnounceAsync(session, other);

        for (int at = 0; at < large.Body.Length; at += partBytes)
        {
            await session.SendAsync(large.Part(at, Math.Min(large.Body.Length, at + partBytes)), Ct);
            if (at < other.Body.Length)
                await session.SendAsync(other.Part(at, Math.Min(other.Body.Length, at + partBytes)), Ct);
        }

        Receipt[] receipts = [(await session.ReceiveAsync(Ct))!.Receipt, (await session.ReceiveAsync(Ct))!.Receipt];
        Assert.All(receipts, receipt => Assert.Equal(Receipt.Types.Outcome.Stored, receipt.Outcome));
        Assert.Equal(
            [large.Header.Sha256, other.Header.Sha256], receipts.OrderByDescending(receipt => receipt.Ref.Lane).Select(receipt => receipt.Sha256));
    }

    [Fact]
    public async Task Messages_longer_than_any_part_go_both_ways_in_order()
    {
        await using IUplinkSession session = await ConnectAsync();
        UploadRequest[] announcements =
        [
            .. Enumerable.Range(0, 3).Select(i => new UploadRequest
            {
                Announce = new Announce { Headers = { Enumerable.Range(0, 4000).Select(_ => _drive.Chunk(8, (_drive.Imu, i)).Header) } },
            }),
        ];
        Assert.True(announcements[0].CalculateSize() > 500_000);
        foreach (UploadRequest announcement in announcements)
            await session.SendAsync(announcement, Ct);
        foreach (UploadRequest announcement in announcements)
        {
            UploadReply reply = (await session.ReceiveAsync(Ct))!;
            Assert.Equal(
                announcement.Announce.Headers.Select(header => header.Ref), reply.Announced.States.Select(state => state.Ref));
        }
    }

    [Fact]
    public async Task A_gateway_that_takes_on_no_more_says_when_to_come_back_and_then_takes_the_session()
    {
        List<IUplinkSession> sessions = [];
        try
        {
            for (int other = 0; other < SessionsMax; other++)
            {
                sessions.Add(await NewUplink($"veh-{other}").ConnectAsync(Ct));
                await OpenAsync(sessions[^1], $"veh-{other}");
            }

            IUplink late = NewUplink("veh-late");
            UplinkException refusal, again;
            long asked;
            do
            {
                asked = TimeProvider.System.GetTimestamp();
                refusal = await RefusedAsync(late);
                Assert.True(refusal.IsTransient);
                Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2.1));
                Assert.Contains("come back in", refusal.Message, StringComparison.Ordinal);
                again = await RefusedAsync(late);
            }
            while (TimeProvider.System.GetElapsedTime(asked) >= refusal.RetryAfter);

            // Sooner than told it hears the rest of the same time.
            Assert.True(again.RetryAfter < refusal.RetryAfter);
            await sessions[0].DisposeAsync();
            sessions.Add(await EnterAsync(late));
        }
        finally
        {
            foreach (IUplinkSession session in sessions)
                await session.DisposeAsync();
        }

        // As often as told: the gateway may not have seen yet that another left.
        async Task<IUplinkSession> EnterAsync(IUplink uplink)
        {
            for (int attempt = 1; ; attempt++)
            {
                IUplinkSession session = await uplink.ConnectAsync(Ct);
                try
                {
                    await OpenAsync(session, "veh-late");
                    return session;
                }
                catch (UplinkException refusal) when (attempt < 10 && refusal.RetryAfter is not null)
                {
                    await session.DisposeAsync();
                    await Task.Delay(refusal.RetryAfter.Value, TimeProvider.System, Ct);
                }
            }
        }

        async Task<UplinkException> RefusedAsync(IUplink uplink)
        {
            await using IUplinkSession session = await uplink.ConnectAsync(Ct);
            return await Assert.ThrowsAsync<UplinkException>(() => OpenAsync(session, "veh-late"));
        }
    }

    [Fact]
    public async Task A_vehicle_writes_only_its_own_recordings_and_is_told_why()
    {
        await using IUplinkSession session = await NewUplink("veh-2").ConnectAsync(Ct);
        await OpenAsync(session, "veh-2");
        UplinkException refusal = await Assert.ThrowsAsync<UplinkException>(() => AskAsync(session, _drive.Define()));
        Assert.False(refusal.IsTransient);
        Assert.Contains("a vehicle writes only its own recordings", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_breaks_the_rules_ends_the_stream_with_its_reason()
    {
        await using IUplinkSession session = await ConnectAsync();
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        UplinkException refusal = await Assert.ThrowsAsync<UplinkException>(() => AskAsync(session, chunk.Part()));
        Assert.False(refusal.IsTransient);
        Assert.Contains("came before its header", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ledger_of_a_mebibyte_is_noted()
    {
        await using IUplinkSession session = await ConnectAsync();
        SampleLedger ledger = new(_drive);
        const int entries = 60;
        for (int i = 1; i < entries; i++)
            ledger.Add(new LedgerEntry { Began = new LedgerBegan { Recording = Labelled(_drive.Info, 16_000), Part = 1 } });
        UploadReply reply = await AskAsync(session, new UploadRequest { Ledger = ledger.Tell(1, 1) });
        Assert.Equal(1UL, reply.LedgerNoted.ThroughIndex);
        UploadRequest long_ = new() { Ledger = ledger.Tell(2, entries) };
        Assert.InRange(long_.CalculateSize(), 900_000, 1 << 20);

        // Whether it is taken is the ledger's business; that it is answered is the way's.
        reply = await AskAsync(session, long_);
        Assert.Equal(UploadReply.KindOneofCase.LedgerNoted, reply.KindCase);
    }

    [Fact]
    public async Task When_the_gateway_stops_the_session_ends_as_one_to_be_tried_again()
    {
        await using IUplinkSession session = await ConnectAsync();
        Task<UploadReply?> reading = session.ReceiveAsync(Ct).AsTask();
        await Gateway.StopAsync(Ct);
        UplinkException end = await Assert.ThrowsAsync<UplinkException>(() => reading);
        Assert.True(end.IsTransient, end.Message);
    }

    [Fact]
    public async Task A_recorder_delivers_all_of_it_over_a_link_that_is_cut_and_a_gateway_that_restarts()
    {
        const uint messages = 3000;
        using FaultyLink link = new(NewUplink("veh-042"), TimeProvider.System);
        RecorderOptions options = new()
        {
            VehicleId = "veh-042",
            SpoolFolder = _folder.At("spool"),
            FreeBytesMin = 0,
            Upload = new() { RetryDelay = TimeSpan.FromMilliseconds(20), RetryDelayMax = TimeSpan.FromMilliseconds(200), PartBytes = 4096 },
        };
        await using (LocalRecorder recorder = await AvSdk.Recorder.OpenAsync(options, new RecorderPorts { Uplink = link }, Ct))
        {
            Channel<Imu> imu = recorder.Channel<Imu>("/imu");
            for (uint i = 1; i <= messages; i++)
            {
                Assert.Equal(WriteResult.Accepted, imu.Write(new MessageStamp(i, i, i), new Imu { FrameId = $"{i}" }));
                if (i % 500 == 0)
                    await recorder.FlushAsync(Ct);
                if (i == 1000)
                    link.Cut();
                if (i == 2000)
                    link.Restore();
                if (i == 2500)
                    await Gateway.StopAsync(Ct);
            }

            await Gateway.StartAgainAsync(Ct);
            await recorder.DrainAsync(Ct);
            await Eventually.Holds(() => recorder.Ledger.Delivered == messages);
            Assert.Equal(0UL, recorder.Ledger.Dropped);
        }

        await using AvClient client = AvClient.Connect(Gateway.Address.OriginalString);
        uint number = 0;
        await foreach (Query.Message<Imu> message in client.Query().Vehicles("veh-042").ReadAsync<Imu>("/imu", Ct))
            Assert.Equal($"{++number}", message.Value.FrameId);
        Assert.Equal(messages, number);
    }

    private static RecordingInfo Labelled(RecordingInfo info, int chars)
    {
        RecordingInfo other = info.Clone();
        other.Labels["long"] = new string('x', chars);
        return other;
    }

    private protected async Task<IUplinkSession> ConnectAsync()
    {
        IUplinkSession session = await NewUplink(_drive.VehicleId).ConnectAsync(Ct);
        await OpenAsync(session);
        UploadReply reply = await AskAsync(session, _drive.Define());
        Assert.Empty(reply.Defined.MissingSchemaSha256);
        return session;
    }

    private protected async Task<Opened> OpenAsync(IUplinkSession session, string? vehicle = null)
    {
        Open open = new() { Protocol = 1, VehicleId = vehicle ?? _drive.VehicleId, Software = "test/1" };
        return (await AskAsync(session, new UploadRequest { Open = open })).Opened;
    }

    private protected static async Task<ChunkState> AnnounceAsync(IUplinkSession session, SampleChunk chunk) =>
        Assert.Single((await AskAsync(session, chunk.Announcement)).Announced.States);

    private protected static async Task<UploadReply> AskAsync(IUplinkSession session, UploadRequest request)
    {
        await session.SendAsync(request, Ct);
        return (await session.ReceiveAsync(Ct))!;
    }
}
