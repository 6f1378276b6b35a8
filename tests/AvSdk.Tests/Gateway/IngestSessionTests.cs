using AvSdk.Contracts.V1;
using AvSdk.Gateway.Ingest;
using Google.Protobuf;
using static AvSdk.Contracts.V1.Receipt.Types;

namespace AvSdk.Tests.Gateway;

public sealed class IngestSessionTests
{
    private static readonly IngestLimits Small = new()
    {
        PartBytesMax = 4096,
        ChunkBytesMax = 8192,
        UnacknowledgedBytesMax = 8192,
        ChunksUnderWayMax = 2,
        HeadersMax = 2,
    };

    [Fact]
    public void Open_is_answered_with_the_limits_of_the_gateway()
    {
        IngestSession session = new(Small, "gw/1");

        IngestAction.Greet greet = Assert.IsType<IngestAction.Greet>(session.Receive(Opening("veh-1")));

        Assert.Equal(
            new Opened
            {
                Software = "gw/1",
                PartBytesMax = 4096,
                UnacknowledgedBytesMax = 8192,
                ChunkBytesMax = 8192,
                TakesLedger = true,
            },
            greet.Reply.Opened);
        Assert.Equal("veh-1", session.VehicleId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("veh 1")]
    [InlineData("veh\n1")]
    public void A_vehicle_whose_name_cannot_be_a_folder_is_refused(string name) =>
        Refused(new IngestSession(Small, "gw"), Opening(name), "open.vehicle_id");

    [Fact]
    public void Another_protocol_is_refused_with_both_versions() =>
        Refused(
            new IngestSession(Small, "gw"),
            new UploadRequest { Open = new Open { Protocol = 2, VehicleId = "v" } },
            "open.protocol is 2; this gateway speaks 1");

    [Fact]
    public void Everything_before_open_and_a_second_open_are_refused()
    {
        SampleRecording drive = new();
        Refused(new IngestSession(Small, "gw"), drive.Define(), "first message must be open, not define");
        Refused(new IngestSession(Small, "gw"), new UploadRequest(), "not empty");
        IngestSession session = Opened();
        Refused(session, Opening("veh-1"), "open came twice");
    }

    [Fact]
    public void A_recording_of_another_vehicle_is_not_allowed()
    {
        IngestRefusal refusal = Assert.IsType<IngestAction.Refuse>(
            Opened().Receive(new SampleRecording("veh-2").Define())).Why;

        Assert.Equal(IngestRefusalKind.NotAllowed, refusal.Kind);
        Assert.Contains("vehicle veh-2 on a stream of veh-1", refusal.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<Define>> BadDefinitions => new()
    {
        { "recording is missing", define => define.Recording = null },
        { "recording_id has 3 bytes", define => define.Recording.RecordingId = ByteString.CopyFrom(1, 2, 3) },
        { "recording_id has 16 bytes, all zero", define => define.Recording.RecordingId = ByteString.CopyFrom(new byte[16]) },
        { "labels has", define => define.Recording.Labels["x"] = new string('x', 70_000) },
        { "channel_id is 0", define => define.Channels[0].ChannelId = 0 },
        { "channel_id is 65536", define => define.Channels[0].ChannelId = 65536 },
        { "topic has 0 bytes", define => define.Channels[0].Topic = "" },
        { "lane is", define => define.Channels[0].Lane = "a b" },
        { "no schema has neither", define => define.Channels[0].SchemaSha256 = ByteString.Empty },
        { "is not the hash of", define => define.Schemas[0].Name = "other" },
        { "has 2 bytes, not 32", define => define.Schemas[0].Sha256 = ByteString.CopyFrom(1, 2) },
    };

    [Theory]
    [MemberData(nameof(BadDefinitions))]
    public void A_bad_definition_is_refused_and_its_field_named(string sentence, Action<Define> spoil)
    {
        UploadRequest request = new SampleRecording().Define();
        spoil(request.Define);
        Refused(Opened(), request, sentence);
    }

    public static TheoryData<string, Action<ChunkHeader>> BadHeaders => new()
    {
        { "ref is missing", header => header.Ref = null },
        { "sequences begin at 1", header => header.Ref.Sequence = 0 },
        { "lane is", header => header.Ref.Lane = "" },
        { "must have 32", header => header.Sha256 = ByteString.CopyFrom(1) },
        { "sequence 1 has none", header => header.PreviousSha256 = ByteString.CopyFrom([.. Enumerable.Repeat((byte)1, 32)]) },
        { "were swapped", header => header.FirstLogTime = header.LastLogTime + 1 },
        { "body_bytes 0", header => header.BodyBytes = 0 },
        { "names no channel", header => header.Channels.Clear() },
        { "ascending order", header => header.Channels.Add(header.Channels[0].Clone()) },
        { "at least one", header => header.Channels[0].Messages = 0 },
    };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void A_bad_header_is_refused_and_its_field_named(string sentence, Action<ChunkHeader> spoil)
    {
        SampleRecording drive = new();
        UploadRequest request = drive.Chunk((drive.Imu, 0)).Announcement;
        spoil(request.Announce.Headers[0]);
        Refused(Opened(), request, sentence);
    }

    [Fact]
    public void More_headers_at_once_than_the_limit_are_refused()
    {
        SampleRecording drive = new();
        UploadRequest request = drive.Chunk((drive.Imu, 0)).Announcement;
        request.Announce.Headers.Add(request.Announce.Headers[0]);
        Assert.IsType<IngestAction.Announce>(Opened().Receive(request));
        request.Announce.Headers.Add(request.Announce.Headers[0]);
        Refused(Opened(), request, "at most 2 at once");
    }

    [Fact]
    public void A_part_over_the_limit_or_empty_is_refused()
    {
        SampleRecording drive = new();
        Refused(Opened(), Part(drive, 1, 0, 4097), "at most 4096");
        Refused(Opened(), Part(drive, 1, 0, 0), "part.data is empty");
    }

    [Fact]
    public void A_vehicle_that_does_not_wait_for_receipts_is_refused_and_one_that_does_goes_on()
    {
        SampleRecording drive = new();
        IngestSession session = Opened();
        Assert.IsType<IngestAction.Stage>(session.Receive(Part(drive, 1, 0, 4096)));
        Assert.IsType<IngestAction.Stage>(session.Receive(Part(drive, 1, 4096, 4096)));
        Assert.Equal(8192, session.UnacknowledgedBytes);

        session.Settle(Receipt(drive, 1), isWhole: true);

        Assert.Equal(0, session.UnacknowledgedBytes);
        Assert.IsType<IngestAction.Stage>(session.Receive(Part(drive, 2, 0, 4096)));
        Assert.IsType<IngestAction.Stage>(session.Receive(Part(drive, 2, 4096, 4096)));
        Assert.IsType<IngestAction.Stage>(session.Receive(Part(drive, 2, 8192, 4096)));
        Refused(session, Part(drive, 2, 12288, 1), "wait for receipts at 8192");
    }

    [Fact]
    public void More_chunks_under_way_than_the_limit_are_refused()
    {
        SampleRecording drive = new();
        IngestSession session = Opened();
        session.Receive(Part(drive, 1, 0, 1));
        session.Receive(Part(drive, 2, 0, 1));
        Assert.IsType<IngestAction.Stage>(session.Receive(Part(drive, 1, 1, 1)));
        Refused(session, Part(drive, 3, 0, 1), "finish some");
    }

    [Fact]
    public void Parts_that_were_under_way_when_their_receipt_went_out_are_passed_over_until_the_chunk_begins_again()
    {
        SampleRecording drive = new();
        IngestSession session = Opened();
        session.Receive(Part(drive, 1, 0, 10));

        session.Settle(Receipt(drive, 1), isWhole: false);

        Assert.IsType<IngestAction.Ignore>(session.Receive(Part(drive, 1, 10, 10)));
        Assert.Equal(0, session.UnacknowledgedBytes);
        Assert.IsType<IngestAction.Stage>(session.Receive(Part(drive, 1, 0, 10)));
        Assert.IsType<IngestAction.Stage>(session.Receive(Part(drive, 1, 10, 10)));
    }

    private static IngestSession Opened()
    {
        IngestSession session = new(Small, "gw");
        session.Receive(Opening("veh-1"));
        return session;
    }

    private static UploadRequest Opening(string vehicle) =>
        new() { Open = new Open { Protocol = 1, VehicleId = vehicle } };

    private static UploadRequest Part(SampleRecording drive, ulong sequence, ulong offset, int bytes) => new()
    {
        Part = new Part { Ref = Ref(drive, sequence), Offset = offset, Data = ByteString.CopyFrom(new byte[bytes]) },
    };

    private static Receipt Receipt(SampleRecording drive, ulong sequence) =>
        new() { Ref = Ref(drive, sequence), Outcome = Outcome.Stored };

    private static ChunkRef Ref(SampleRecording drive, ulong sequence) =>
        new() { RecordingId = drive.Info.RecordingId, Lane = "telemetry", Sequence = sequence };

    private static void Refused(IngestSession session, UploadRequest request, string sentence)
    {
        IngestRefusal refusal = Assert.IsType<IngestAction.Refuse>(session.Receive(request)).Why;
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(IngestRefusalKind.BadMessage, refusal.Kind);
    }
}
