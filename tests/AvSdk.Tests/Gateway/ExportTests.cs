using System.Net;
using System.Net.Http.Headers;
using AvSdk.Mcap;

namespace AvSdk.Tests.Gateway;

public sealed class ExportTests
{
    private const string Export = "/v1/export.mcap";

    [Fact]
    public async Task An_export_of_everything_copies_every_chunk_as_the_vehicle_compressed_it()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        SampleRecording drive = new();
        SampleChunk first = drive.Chunk((drive.Imu, 0), (drive.Gnss, 0.5), (drive.Imu, 1));
        SampleChunk image = drive.Chunk(300_000, (drive.Camera, 0.2), (drive.Camera, 0.7));
        await gateway.UploadAsync(drive, first, image);

        byte[] file = await GetAsync(gateway, Export);

        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        Assert.True(reader.IsFromSummary);
        Assert.Equal(["/imu", "/gnss", "/camera/front"], reader.Channels.Values.Select(c => c.Topic));
        Assert.Equal("test.Gnss", reader.Schemas[2].Name);
        Assert.Equal("antenna", reader.Channels[2].Metadata["frame"]);
        Assert.Equal(5UL, reader.Statistics!.MessageCount);
        Assert.Equal(2, reader.Chunks.Count);
        Assert.Equal(first.Body, BodyAt(file, reader.Chunks[0], first.Body.Length));
        Assert.Equal(image.Body, BodyAt(file, reader.Chunks[1], image.Body.Length));
        McapMetadata recording = reader.ReadMetadata(reader.MetadataIndexes[0]);
        Assert.Equal(drive.Id.ToString(), recording.Values["recording_id"]);
        Assert.Equal("a7", recording.Values["label.route"]);
    }

    [Fact]
    public async Task An_export_of_one_topic_and_a_time_range_has_exactly_those_messages()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        SampleRecording drive = new();
        await gateway.UploadAsync(
            drive,
            drive.Chunk((drive.Imu, 0), (drive.Gnss, 0.5), (drive.Imu, 1)),
            drive.Chunk((drive.Imu, 2), (drive.Gnss, 2.5), (drive.Imu, 3)),
            drive.Chunk((drive.Imu, 4)));

        byte[] file = await GetAsync(
            gateway, $"{Export}?vehicle=veh-1&topic=/im?&from={SampleRecording.Time(1)}&to=2023-11-14T22:13:23Z");

        Assert.Equal(
            [("/imu", SampleRecording.Time(1)), ("/imu", SampleRecording.Time(2))], Messages(file));
    }

    [Fact]
    public async Task Ids_that_mean_different_channels_in_two_recordings_are_kept_apart()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        SampleRecording one = new();
        SampleRecording two = new(firstChannel: 2);
        await gateway.UploadAsync(one, one.Chunk((one.Imu, 0), (one.Gnss, 1)));
        await gateway.UploadAsync(two, two.Chunk((two.Imu, 10), (two.Gnss, 11)));

        byte[] file = await GetAsync(gateway, Export);

        Assert.Equal(
            [
                ("/imu", SampleRecording.Time(0)), ("/gnss", SampleRecording.Time(1)),
                ("/imu", SampleRecording.Time(10)), ("/gnss", SampleRecording.Time(11)),
            ],
            Messages(file));
    }

    [Fact]
    public async Task The_same_channels_in_two_recordings_stay_one_and_their_chunks_are_copied()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        SampleRecording one = new();
        SampleRecording two = new();
        SampleChunk late = two.Chunk((two.Imu, 10));
        await gateway.UploadAsync(one, one.Chunk((one.Imu, 0)));
        await gateway.UploadAsync(two, late);

        byte[] file = await GetAsync(gateway, Export);

        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        Assert.Equal(3, reader.Channels.Count);
        Assert.Equal(late.Body, BodyAt(file, reader.Chunks[1], late.Body.Length));
    }

    [Fact]
    public async Task Channels_of_two_vehicles_stay_two_and_name_their_vehicle()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        SampleRecording one = new("veh-1");
        SampleRecording two = new("veh-2");
        await gateway.UploadAsync(one, one.Chunk((one.Imu, 0)));
        await gateway.UploadAsync(two, two.Chunk((two.Imu, 1)));

        byte[] file = await GetAsync(gateway, Export + "?topic=/imu");

        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        Assert.Equal(
            ["veh-1", "veh-2"], reader.Channels.Values.Select(c => c.Metadata["av.vehicle_id"]).Order());
        Assert.Equal([("/imu", SampleRecording.Time(0)), ("/imu", SampleRecording.Time(1))], Messages(file));
    }

    [Fact]
    public async Task Ranges_are_of_one_file_that_an_etag_names()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        SampleRecording drive = new();
        await gateway.UploadAsync(drive, drive.Chunk((drive.Imu, 0)), drive.Chunk((drive.Imu, 1)));
        byte[] whole = await GetAsync(gateway, Export);
        CancellationToken ct = TestContext.Current.CancellationToken;

        using HttpResponseMessage head = await gateway.Http.SendAsync(new(HttpMethod.Head, Export), ct);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(whole.Length, head.Content.Headers.ContentLength);
        Assert.Equal("bytes", head.Headers.AcceptRanges.Single());
        EntityTagHeaderValue tag = head.Headers.ETag!;
        Assert.False(tag.IsWeak);

        using HttpResponseMessage middle = await RangeAsync(gateway, 8, 99, tag);
        Assert.Equal(HttpStatusCode.PartialContent, middle.StatusCode);
        Assert.Equal($"bytes 8-99/{whole.Length}", middle.Content.Headers.ContentRange!.ToString());
        Assert.Equal(whole[8..100], await middle.Content.ReadAsByteArrayAsync(ct));

        using HttpResponseMessage tail = await RangeAsync(gateway, null, 8, tag);
        Assert.Equal(whole[^8..], await tail.Content.ReadAsByteArrayAsync(ct));

        using HttpResponseMessage beyond = await RangeAsync(gateway, whole.Length, whole.Length + 10, tag);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);

        using HttpResponseMessage otherFile = await RangeAsync(gateway, 8, 99, new EntityTagHeaderValue("\"other\""));
        Assert.Equal(HttpStatusCode.OK, otherFile.StatusCode);
        Assert.Equal(whole, await otherFile.Content.ReadAsByteArrayAsync(ct));

        HttpRequestMessage conditional = new(HttpMethod.Get, Export);
        conditional.Headers.IfNoneMatch.Add(tag);
        using HttpResponseMessage notModified = await gateway.Http.SendAsync(conditional, ct);
        Assert.Equal(HttpStatusCode.NotModified, notModified.StatusCode);
    }

    [Fact]
    public async Task The_tag_changes_when_the_selection_grows_and_as_of_keeps_it()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        SampleRecording drive = new();
        SampleRecording other = new("veh-2");
        await gateway.UploadAsync(drive, drive.Chunk((drive.Imu, 0)));
        string? before = await TagAsync(gateway, Export + "?vehicle=veh-1");

        await gateway.UploadAsync(other, other.Chunk((other.Imu, 0)));
        Assert.Equal(before, await TagAsync(gateway, Export + "?vehicle=veh-1"));

        await gateway.UploadAsync(drive, drive.Chunk((drive.Imu, 1)));
        Assert.NotEqual(before, await TagAsync(gateway, Export + "?vehicle=veh-1"));
        Assert.Equal(before, await TagAsync(gateway, Export + "?vehicle=veh-1&as_of=1"));
    }

    [Fact]
    public async Task Pages_of_any_origin_may_read_what_a_viewer_needs()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        CancellationToken ct = TestContext.Current.CancellationToken;
        HttpRequestMessage preflight = new(HttpMethod.Options, Export);
        preflight.Headers.Add("Origin", "https://viewer.example");
        preflight.Headers.Add("Access-Control-Request-Method", "GET");
        preflight.Headers.Add("Access-Control-Request-Headers", "range");

        using HttpResponseMessage allowed = await gateway.Http.SendAsync(preflight, ct);
        using HttpResponseMessage missing = await gateway.Http.GetAsync(Export, ct);

        Assert.Equal(HttpStatusCode.NoContent, allowed.StatusCode);
        Assert.Equal("*", allowed.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("Range", allowed.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);
        Assert.Equal("*", missing.Headers.GetValues("Access-Control-Allow-Origin").Single());
        string exposed = missing.Headers.GetValues("Access-Control-Expose-Headers").Single();
        Assert.All(
            ["Accept-Ranges", "Content-Length", "Content-Range", "ETag"],
            header => Assert.Contains(header, exposed, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", HttpStatusCode.NotFound, "no stored messages")]
    [InlineData("?topic=/nothing", HttpStatusCode.NotFound, "No topic fits /nothing")]
    [InlineData("?recording=7", HttpStatusCode.BadRequest, "give its UUID")]
    [InlineData("?from=yesterday", HttpStatusCode.BadRequest, "RFC 3339")]
    [InlineData("?from=20&to=10", HttpStatusCode.BadRequest, "Swap them")]
    [InlineData("?topics=/imu", HttpStatusCode.BadRequest, "\"topics\" is not known")]
    [InlineData("?vehicle=../..", HttpStatusCode.BadRequest, "vehicle_ids")]
    public async Task What_cannot_be_exported_is_refused_with_a_sentence(
        string query, HttpStatusCode status, string sentence)
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        CancellationToken ct = TestContext.Current.CancellationToken;

        using HttpResponseMessage response = await gateway.Http.GetAsync(Export + query, ct);

        Assert.Equal(status, response.StatusCode);
        Assert.Contains(sentence, await response.Content.ReadAsStringAsync(ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_selection_inside_a_chunk_without_messages_there_is_not_found()
    {
        using TempFolder folder = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.Path);
        SampleRecording drive = new();
        await gateway.UploadAsync(drive, drive.Chunk((drive.Imu, 0), (drive.Imu, 10)));

        using HttpResponseMessage response = await gateway.Http.GetAsync(
            $"{Export}?from={SampleRecording.Time(4)}&to={SampleRecording.Time(5)}",
            TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task The_cache_stays_within_its_limit_and_survives_a_restart()
    {
        using TempFolder folder = new();
        SampleRecording drive = new();
        await using (GatewayServer gateway = await GatewayServer.StartAsync(
            folder.Path, options => options.ExportCacheBytesMax = 1 << 20))
        {
            for (int i = 0; i < 4; i++)
                await gateway.UploadAsync(drive, drive.Chunk(400_000, (drive.Camera, i)));
            for (int i = 0; i < 4; i++)
            {
                await GetAsync(
                    gateway, $"{Export}?from={SampleRecording.Time(i)}&to={SampleRecording.Time(i + 0.5)}");
            }

            using HttpResponseMessage tooLarge = await gateway.Http.GetAsync(
                Export, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
        }

        FileInfo[] files = new DirectoryInfo(folder.At("cache", "exports")).GetFiles();
        Assert.InRange(files.Sum(file => file.Length), 1, 1 << 20);
        DateTime written = files.Max(file => file.LastWriteTimeUtc);
        await using GatewayServer again = await GatewayServer.StartAsync(
            folder.Path, options => options.ExportCacheBytesMax = 1 << 20);
        await GetAsync(again, $"{Export}?from={SampleRecording.Time(3)}&to={SampleRecording.Time(3.5)}");
        Assert.Equal(
            written, new DirectoryInfo(folder.At("cache", "exports")).GetFiles().Max(file => file.LastWriteTimeUtc));
    }

    private static async Task<byte[]> GetAsync(GatewayServer gateway, string link)
    {
        using HttpResponseMessage response = await gateway.Http.GetAsync(link, TestContext.Current.CancellationToken);
        byte[] bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, System.Text.Encoding.UTF8.GetString(bytes));
        return bytes;
    }

    private static async Task<string?> TagAsync(GatewayServer gateway, string link)
    {
        using HttpResponseMessage response = await gateway.Http.SendAsync(
            new(HttpMethod.Head, link), TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, response.StatusCode.ToString());
        return response.Headers.ETag?.Tag;
    }

    private static Task<HttpResponseMessage> RangeAsync(
        GatewayServer gateway, long? from, long? to, EntityTagHeaderValue tag)
    {
        HttpRequestMessage request = new(HttpMethod.Get, Export);
        request.Headers.Range = new RangeHeaderValue(from, to);
        request.Headers.IfRange = new RangeConditionHeaderValue(tag);
        return gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static byte[] BodyAt(byte[] file, McapChunkIndex chunk, int bytes) =>
        file.AsSpan((int)chunk.ChunkStartOffset, bytes).ToArray();

    private static List<(string Topic, ulong LogTime)> Messages(byte[] file)
    {
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file));
        using McapMessageCursor cursor = reader.Read(McapQuery.All);
        List<(string Topic, ulong LogTime)> messages = [];
        while (cursor.MoveNext())
        {
            Assert.Equal(
                cursor.Current.LogTime,
                System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(cursor.Current.Data));
            messages.Add((cursor.Channel.Topic, cursor.Current.LogTime));
        }

        return messages;
    }
}
