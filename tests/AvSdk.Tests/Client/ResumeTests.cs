using AvSdk.Contracts.V1;
using AvSdk.Query;
using Google.Protobuf;

namespace AvSdk.Tests.Client;

public sealed class ResumeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reading_cut_anywhere_goes_on_without_repeating_or_leaving_out_a_message()
    {
        FakeGateway gateway = Drive();
        AvQuery query = gateway.Client().Query();
        List<string> whole = await ReadAsync(query);
        int replies = gateway.Replies(new Selection()).Count();
        Assert.True(replies > 20, "the drive should take many replies");

        for (int cut = 0; cut <= replies; cut++)
        {
            gateway.LoseReadingAfter.Enqueue(cut);
            Assert.Equal(whole, await ReadAsync(query));
            gateway.LoseReadingAfter.Clear();
        }
    }

    [Fact]
    public async Task A_reading_cut_again_and_again_ends_as_long_as_it_gets_on()
    {
        FakeGateway gateway = Drive();
        TimeSpan delay = TimeSpan.FromMilliseconds(1);
        AvClientOptions options = new() { RetryAttempts = 40, RetryDelay = delay, RetryDelayMax = delay };
        AvQuery query = gateway.Client(options).Query();
        List<string> whole = await ReadAsync(query);
        for (int cut = 3; cut < 40; cut++)
            gateway.LoseReadingAfter.Enqueue(cut);

        Assert.Equal(whole, await ReadAsync(query));
    }

    [Fact]
    public async Task Every_position_goes_on_in_another_process()
    {
        FakeGateway gateway = Drive();
        AvQuery query = gateway.Client().Query().Topics("/a", "/b");
        List<(string Message, string Position)> whole = [];
        await foreach (RawMessage message in query.ReadRawAsync(Token))
            whole.Add((Describe(message), message.Position.ToString()));

        for (int i = 0; i < whole.Count; i++)
        {
            AvQuery rest = gateway.Client().Query().Topics("/a", "/b").After(QueryPosition.Parse(whole[i].Position));
            Assert.Equal(whole.Skip(i + 1).Select(each => each.Message), await ReadAsync(rest));
        }
    }

    [Fact]
    public async Task A_position_does_not_see_what_came_after_its_reading_began()
    {
        FakeGateway gateway = new();
        FakeRecording recording = gateway.Add("veh-1", new FakeChannel(1, "/a"));
        gateway.Store(recording, "telemetry", new FakeMessage(1, 10, 1, [1]), new FakeMessage(1, 20, 2, [2]));
        QueryPosition? position = null;
        await foreach (RawMessage message in gateway.Client().Query().ReadRawAsync(Token))
            position ??= message.Position;
        gateway.Store(recording, "telemetry", new FakeMessage(1, 15, 3, [3]), new FakeMessage(1, 30, 4, [4]));

        List<uint> rest = [];
        await foreach (RawMessage message in gateway.Client().Query().After(position!).ReadRawAsync(Token))
            rest.Add(message.Sequence);
        Assert.Equal([2U], rest);
    }

    [Fact]
    public async Task A_position_of_another_query_is_refused()
    {
        FakeGateway gateway = Drive();
        QueryPosition? position = null;
        await foreach (RawMessage message in gateway.Client().Query().Topics("/a").ReadRawAsync(Token))
            position ??= message.Position;

        AvQueryException refused = await Assert.ThrowsAsync<AvQueryException>(
            () => ReadAsync(gateway.Client().Query().Topics("/b").After(position!)));
        Assert.Equal(AvQueryError.Position, refused.Error);
    }

    [Fact]
    public async Task A_gateway_that_stays_away_is_an_error_with_the_position_to_go_on_from()
    {
        FakeGateway gateway = Drive();
        List<string> whole = await ReadAsync(gateway.Client().Query());
        AvClientOptions options = new() { RetryAttempts = 2, RetryDelay = TimeSpan.FromMilliseconds(1) };
        foreach (int cut in new[] { 12, 0, 0, 0 })
            gateway.LoseReadingAfter.Enqueue(cut);
        List<string> read = [];
        AvQueryException lost = await Assert.ThrowsAsync<AvQueryException>(async () =>
        {
            await foreach (RawMessage message in gateway.Client(options).Query().ReadRawAsync(Token))
                read.Add(Describe(message));
        });

        Assert.Equal(AvQueryError.GatewayUnavailable, lost.Error);
        read.AddRange(await ReadAsync(gateway.Client().Query().After(lost.Position!)));
        Assert.Equal(whole, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("p1:1:2:3")]
    [InlineData("p2:1:2:3:4")]
    [InlineData("p1:1:-2:3:4")]
    [InlineData("p1:1:2:3:xyz")]
    public void What_is_no_position_is_said_to_be_none(string text) =>
        Assert.Equal(AvQueryError.Position, Assert.Throws<AvQueryException>(() => QueryPosition.Parse(text)).Error);

    [Fact]
    public void A_position_survives_its_text()
    {
        QueryPosition position = new(7, ulong.MaxValue, 3, 0xfedcba9876543210);
        Assert.Equal("p1:7:18446744073709551615:3:fedcba9876543210", position.ToString());
        Assert.Equal(position, QueryPosition.Parse(position.ToString()));
    }

    // Two lanes that overlap, with many equal log times.
    private static FakeGateway Drive()
    {
        FakeGateway gateway = new();
        FakeRecording recording = gateway.Add("veh-1", new FakeChannel(1, "/a"), new FakeChannel(2, "/b"));
        Random random = new(4711);
        uint number = 0;
        for (int chunk = 0; chunk < 8; chunk++)
        {
            ulong first = (ulong)(chunk * 5);
            foreach ((ushort channel, string lane) in new[] { ((ushort)1, "events"), ((ushort)2, "sensors") })
            {
                FakeMessage[] messages = new FakeMessage[6];
                for (int i = 0; i < messages.Length; i++)
                {
                    byte[] payload = new byte[200];
                    random.NextBytes(payload);
                    messages[i] = new FakeMessage(channel, first + (ulong)random.Next(8), ++number, payload);
                }

                gateway.Store(recording, lane, messages);
            }
        }

        return gateway;
    }

    private static async Task<List<string>> ReadAsync(AvQuery query)
    {
        List<string> read = [];
        await foreach (RawMessage message in query.ReadRawAsync(Token))
            read.Add(Describe(message));
        return read;
    }

    private static string Describe(RawMessage message) =>
        $"{message.LogTime} {message.Topic} {message.Sequence} {ByteString.CopyFrom(message.Payload.Span).ToBase64()}";
}
