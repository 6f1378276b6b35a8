using AvSdk.Grpc;
using AvSdk.Grpc.Framing;
using AvSdk.Tests.Grpc.Interop;
using Google.Protobuf.WellKnownTypes;

namespace AvSdk.Tests.Grpc;

/// <summary>
/// What goes in headers and trailers: timeouts, texts, metadata, status details; and the method's
/// description.
/// </summary>
public sealed class HeaderTests
{
    [Theory]
    [InlineData(0, "0u")]
    [InlineData(1, "1u")]
    [InlineData(15_000_000, "1500000u")]
    [InlineData(999_999_990, "99999999u")]
    [InlineData(1_000_000_000, "100000m")]
    [InlineData(TimeSpan.TicksPerDay * 2, "172800S")]
    [InlineData(TimeSpan.TicksPerDay * 1200, "1728000M")]
    [InlineData(long.MaxValue, "99999999H")]
    public void A_timeout_is_sent_in_the_finest_unit_that_fits_and_never_shortened(
        long ticks, string expected)
    {
        Assert.Equal(expected, GrpcTimeout.Format(TimeSpan.FromTicks(ticks)));
        if (ticks == long.MaxValue)
            return;
        Assert.True(GrpcTimeout.TryParse(expected, out TimeSpan parsed));
        Assert.InRange(parsed.Ticks, ticks, ticks + (ticks / 100_000) + 10);
    }

    [Theory]
    [InlineData("1n", 1)]
    [InlineData("250n", 3)]
    [InlineData("7u", 70)]
    [InlineData("20m", 200_000)]
    [InlineData("3S", 30_000_000)]
    [InlineData("2M", 1_200_000_000)]
    [InlineData("99999999H", 99_999_999 * TimeSpan.TicksPerHour)]
    public void A_timeout_of_any_unit_is_understood(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryParse(text, out TimeSpan timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("5")]
    [InlineData("5s")]
    [InlineData("-5S")]
    [InlineData("+5S")]
    [InlineData(" 5S")]
    [InlineData("5.5S")]
    [InlineData("123456789S")]
    public void A_timeout_of_another_form_is_none(string text)
        => Assert.False(GrpcTimeout.TryParse(text, out _));

    [Theory]
    [InlineData("", "")]
    [InlineData("plain text ~", "plain text ~")]
    [InlineData("100 %", "100 %25")]
    [InlineData("räumen\n", "r%C3%A4umen%0A")]
    [InlineData("🚗", "%F0%9F%9A%97")]
    public void A_text_of_any_language_is_percent_encoded(string text, string encoded)
    {
        Assert.Equal(encoded, PercentEncoding.Encode(text));
        Assert.Equal(text, PercentEncoding.Decode(encoded));
    }

    [Theory]
    [InlineData("100%", "100%")]
    [InlineData("%zz", "%zz")]
    [InlineData("%4", "%4")]
    [InlineData("%c3%a4", "ä")]
    public void What_is_wrongly_encoded_is_kept_as_it_is(string encoded, string text)
        => Assert.Equal(text, PercentEncoding.Decode(encoded));

    [Fact]
    public void A_text_that_would_burst_the_headers_is_cut()
        => Assert.InRange(PercentEncoding.Encode(new string('x', 1_000_000)).Length, 2048, 2100);

    [Fact]
    public void Bytes_in_metadata_are_taken_with_padding_and_without()
    {
        for (int length = 0; length < 20; length++)
        {
            byte[] bytes = [.. Enumerable.Range(200, length).Select(i => (byte)i)];
            string unpadded = BinaryHeader.Encode(bytes);
            Assert.DoesNotContain('=', unpadded);
            Assert.True(BinaryHeader.TryDecode(unpadded, out byte[] a));
            Assert.True(BinaryHeader.TryDecode(Convert.ToBase64String(bytes), out byte[] b));
            Assert.Equal(bytes, a);
            Assert.Equal(bytes, b);
        }

        Assert.False(BinaryHeader.TryDecode("A", out _));
        Assert.False(BinaryHeader.TryDecode("****", out _));
    }

    [Fact]
    public void Metadata_keeps_the_order_of_a_name_and_folds_its_case()
    {
        GrpcMetadata metadata = [];
        metadata.Add("X-Vehicle", "a");
        metadata.Add("x-vehicle", "b");
        metadata.Add("x-trace-bin", [1, 2, 255]);
        Assert.Equal(["a", "b"], metadata.GetAll("X-VEHICLE").Select(e => e.Value));
        Assert.Equal("b", metadata.GetValue("x-vehicle"));
        Assert.Equal([1, 2, 255], metadata.GetBytes("x-trace-bin")!.Value.ToArray());
        Assert.Null(metadata.GetBytes("x-vehicle"));
        Assert.Equal("AQL/", metadata.GetValue("x-trace-bin"));
        Assert.Equal(3, metadata.Count);
    }

    [Theory]
    [InlineData("", "v")]
    [InlineData("x y", "v")]
    [InlineData("x:y", "v")]
    [InlineData("grpc-status", "0")]
    [InlineData("Content-Type", "v")]
    [InlineData("x-trace-bin", "text")]
    [InlineData("x-name", "Zoë")]
    [InlineData("x-name", "a\r\nx-admin: yes")]
    public void Metadata_that_cannot_go_over_the_wire_is_refused_at_once(string name, string value)
        => Assert.Throws<ArgumentException>(() => new GrpcMetadata().Add(name, value));

    [Fact]
    public void Text_under_a_name_for_bytes_and_bytes_under_a_name_for_text_are_refused()
        => Assert.Throws<ArgumentException>(() => new GrpcMetadata().Add("x-name", new byte[] { 1 }));

    [Fact]
    public void Received_metadata_splits_joined_bytes_and_leaves_the_protocols_own_names_out()
    {
        GrpcMetadata metadata = [];
        metadata.AddReceived("x-bin", "AQ==, Ag,****");
        metadata.AddReceived("grpc-status", "0");
        metadata.AddReceived(":path", "/");
        metadata.AddReceived("x-text", "a, b");
        Assert.Equal(
            ["x-bin: AQ", "x-bin: Ag", "x-text: a, b"],
            metadata.Select(e => e.ToString()));
    }

    [Fact]
    public void Status_details_come_back_as_they_went()
    {
        GrpcStatusDetails details = new(
            GrpcStatusCode.NotFound, "no topic",
            [Any.Pack(new EchoRequest { Text = "/imu" }), Any.Pack(new EchoReply())]);
        byte[] bytes = details.ToByteArray();

        // google.rpc.Status: code = 1, message = 2, details = 3.
        Assert.Equal([0x08, 5, 0x12, 8], bytes[..4]);
        Assert.True(GrpcStatusDetails.TryParse(bytes, out GrpcStatusDetails? parsed));
        Assert.Equal(
            (GrpcStatusCode.NotFound, "no topic", 2),
            (parsed!.StatusCode, parsed.Message, parsed.Details.Count));
        Assert.Equal("/imu", parsed.Details[0].Unpack<EchoRequest>().Text);

        // A cut between two fields is a shorter message; any other is none.
        Assert.Equal(3, Enumerable.Range(1, bytes.Length - 1).Count(
            length => GrpcStatusDetails.TryParse(bytes.AsMemory(0, length), out _)));
        Assert.False(GrpcStatusDetails.TryParse(new byte[] { 0x12, 200 }, out _));
    }

    [Fact]
    public void A_method_is_described_by_its_descriptor()
    {
        GrpcMethod<AvSdk.Contracts.V1.UploadRequest, AvSdk.Contracts.V1.UploadReply> upload =
            GrpcMethod<AvSdk.Contracts.V1.UploadRequest, AvSdk.Contracts.V1.UploadReply>.FromDescriptor(
                AvSdk.Contracts.V1.IngestReflection.Descriptor.Services[0].FindMethodByName("Upload"));
        Assert.Equal(("/av.v1.Ingest/Upload", GrpcMethodKind.Duplex), (upload.Path, upload.Kind));
        Assert.Equal(GrpcMethodKind.Unary, EchoMethods.Say.Kind);
        Assert.Equal(GrpcMethodKind.ServerStreaming, EchoMethods.Expand.Kind);
        Assert.Equal(GrpcMethodKind.ClientStreaming, EchoMethods.Collect.Kind);
    }

    [Fact]
    public void A_descriptor_of_other_messages_is_refused_with_both_names()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(
            () => GrpcMethod<EchoReply, EchoReply>.FromDescriptor(
            EchoReflection.Descriptor.Services[0].FindMethodByName("Say")));
        Assert.Contains("av.test.EchoRequest", e.Message, StringComparison.Ordinal);
        Assert.Contains("EchoReply", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_method_is_not_called_as_another_kind()
    {
        await using GrpcChannel channel = GrpcChannel.Create("http://127.0.0.1:1");
        Assert.Throws<ArgumentException>(() => channel.Duplex(
            EchoMethods.Say, null, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("127.0.0.1:80")]
    [InlineData("ftp://host")]
    [InlineData("http://host/path")]
    [InlineData("unix:")]
    [InlineData("not an address")]
    public void An_address_that_is_none_is_refused_with_the_forms_there_are(string address)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => GrpcChannel.Create(address));
        Assert.Contains("unix:/path/to/socket", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_of_the_options_are_told_at_once()
    {
        GrpcChannelOptions options = new()
        {
            ReceiveMessageBytesMax = 0,
            StreamWindowBytes = 1,
            KeepAlivePingDelay = TimeSpan.FromMilliseconds(1),
        };
        ArgumentException e = Assert.Throws<ArgumentException>(() => GrpcChannel.Create("http://h", options));
        Assert.Contains("ReceiveMessageBytesMax is 0", e.Message, StringComparison.Ordinal);
        Assert.Contains("StreamWindowBytes is 1", e.Message, StringComparison.Ordinal);
        Assert.Contains("KeepAlivePingDelay is 00:00:00.0010000", e.Message, StringComparison.Ordinal);
    }
}
