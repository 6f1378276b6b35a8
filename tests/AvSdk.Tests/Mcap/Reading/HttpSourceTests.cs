using AvSdk.Mcap;
using Microsoft.AspNetCore.Http;
using Got = AvSdk.Tests.Mcap.Reading.RandomDrive.Got;

namespace AvSdk.Tests.Mcap.Reading;

public sealed class HttpSourceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_small_file_is_opened_and_read_by_the_two_requests_of_the_opening()
    {
        RandomDrive drive = RandomDrive.Write(new Random(1), 300, 2000, 500);
        await using FileServer server = await FileServer.StartAsync(drive.Bytes);
        HttpSource source = await HttpSource.OpenAsync(server.Client, server.Uri, Token);
        Assert.Equal(drive.Bytes.Length, source.Length);
        using McapIndexedReader reader = await McapIndexedReader.OpenAsync(source, null, Token);
        Assert.Equal(
            ReadOrderTests.InOrder(drive.Messages, McapOrder.LogTime),
            await RandomDrive.ReadAsync(reader.Read(McapQuery.All), Token));
        Assert.Equal(["bytes=-131072", "bytes=0-4095"], server.Ranges.Order());
    }

    [Fact]
    public async Task A_large_file_is_opened_by_two_requests_sent_at_once_and_read_by_few()
    {
        byte[] file = Large(out int messages);
        await using FileServer server = await FileServer.StartAsync(file);

        // Each of the two is answered when both have come.
        TaskCompletionSource both = new();
        int come = 0;
        server.Instead = async _ =>
        {
            if (Interlocked.Increment(ref come) == 2)
                both.SetResult();
            await both.Task.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System, Token);
            return false;
        };
        HttpSource source = await HttpSource.OpenAsync(server.Client, server.Uri, Token);
        using McapIndexedReader reader = await McapIndexedReader.OpenAsync(source, null, Token);
        Assert.Equal(2, server.Ranges.Count);
        Assert.InRange(reader.Chunks.Count, 60, 1000);

        List<Got> all = await RandomDrive.ReadAsync(reader.Read(McapQuery.All), Token);
        Assert.Equal(messages, all.Count);
        Assert.InRange(server.Ranges.Count, 3, 2 + 2 + (file.Length / source.MergedBytesMax));

        // Synchronously, in reverse, and by file: the same bytes.
        List<Got> reverse = RandomDrive.Read(reader.Read(new McapQuery { Order = McapOrder.ReverseLogTime }));
        reverse.Reverse();
        Assert.Equal(all, reverse);

        server.Ranges.Clear();
        McapChunkIndex one = reader.Chunks[reader.Chunks.Count / 2];
        await RandomDrive.ReadAsync(
            reader.Read(new McapQuery { From = one.MessageStartTime, To = one.MessageEndTime + 1 }), Token);
        Assert.Equal(
            $"bytes={one.ChunkStartOffset}-{one.ChunkStartOffset + one.ChunkLength - 1}", Assert.Single(server.Ranges));
    }

    [Fact]
    public async Task Every_range_gives_the_files_bytes_whether_they_are_kept_or_fetched()
    {
        byte[] file = new byte[300_000];
        new Random(1).NextBytes(file);
        await using FileServer server = await FileServer.StartAsync(file);
        HttpSource source = await HttpSource.OpenAsync(server.Client, server.Uri, Token);
        long tail = file.Length - 131072;
        foreach (long offset in new[] { 0, 1, 4095, 4096, 100_000, tail - 1, tail, tail + 1, 299_999, 300_000, 400_000 })
        {
            foreach (int count in new[] { 0, 1, 2, 5000, 400_000 })
            {
                byte[] expected = [.. file.Skip((int)offset).Take(count)];
                byte[] got = new byte[count];
                Assert.Equal(expected.Length, await source.ReadAtAsync(offset, got, Token));
                Assert.Equal(expected, got[..expected.Length]);
                got.AsSpan().Clear();
                Assert.Equal(expected.Length, source.ReadAt(offset, got));
                Assert.Equal(expected, got[..expected.Length]);
            }
        }

        server.Ranges.Clear();
        Assert.Equal(10, source.ReadAt(4090, new byte[10]));
        Assert.Equal(10, source.ReadAt(tail - 5, new byte[10]));
        Assert.Equal(["bytes=4090-4099", $"bytes={tail - 5}-{tail - 1}"], server.Ranges);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(131072)]
    [InlineData(131073)]
    public async Task A_file_of_any_length_is_opened(int bytes)
    {
        byte[] file = new byte[bytes];
        new Random(1).NextBytes(file);
        await using FileServer server = await FileServer.StartAsync(file);
        HttpSource source = await HttpSource.OpenAsync(server.Client, server.Uri, Token);
        byte[] got = new byte[bytes];
        Assert.Equal((bytes, bytes), ((int)source.Length, source.ReadAt(0, got)));
        Assert.Equal(file, got);
    }

    [Fact]
    public async Task Storage_that_does_not_count_from_the_end_costs_one_request_more()
    {
        byte[] file = Large(out _);
        await using FileServer server = await FileServer.StartAsync(file);
        server.Instead = async context =>
        {
            bool isSuffix = context.Request.Headers.Range.ToString().StartsWith("bytes=-", StringComparison.Ordinal);
            if (isSuffix)
                await Results.Bytes(file).ExecuteAsync(context);
            return isSuffix;
        };
        HttpSource source = await HttpSource.OpenAsync(server.Client, server.Uri, Token);
        using McapIndexedReader reader = await McapIndexedReader.OpenAsync(source, null, Token);
        Assert.True(reader.IsFromSummary);
        Assert.Equal(3, server.Ranges.Count);
    }

    [Fact]
    public async Task A_server_that_knows_no_ranges_is_good_enough_for_a_small_file_and_not_for_a_large_one()
    {
        RandomDrive drive = RandomDrive.Write(new Random(1), 300, 2000, 500);
        await using FileServer server = await FileServer.StartAsync(drive.Bytes);
        server.Instead = async context =>
        {
            await Results.Bytes(server.File).ExecuteAsync(context);
            return true;
        };
        HttpSource source = await HttpSource.OpenAsync(server.Client, server.Uri, Token);
        using McapIndexedReader reader = await McapIndexedReader.OpenAsync(source, null, Token);
        Assert.Equal(300, (await RandomDrive.ReadAsync(reader.Read(McapQuery.All), Token)).Count);

        server.File = Large(out _);
        Assert.Contains("download the file", await OpenErrorAsync(server), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "check the address")]
    [InlineData(403, "credentials")]
    [InlineData(503, "try again")]
    [InlineData(302, "address")]
    public async Task What_a_server_refuses_is_said_with_what_to_do(int status, string remedy)
    {
        await using FileServer server = await FileServer.StartAsync(Large(out _));
        HttpSource source = await HttpSource.OpenAsync(server.Client, server.Uri, Token);
        server.Instead = async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.CompleteAsync();
            return true;
        };
        Assert.Contains(remedy, await OpenErrorAsync(server), StringComparison.Ordinal);
        HttpRequestException thrown = Assert.Throws<HttpRequestException>(() => source.ReadAt(10_000, new byte[10]));
        Assert.Contains(remedy, thrown.Message, StringComparison.Ordinal);
        Assert.Equal(status, (int?)thrown.StatusCode);
    }

    [Theory]
    [InlineData("strong")]
    [InlineData("weak")]
    [InlineData("date")]
    [InlineData("length")]
    public async Task A_file_that_changes_while_it_is_read_is_an_error_never_a_mixture(string mark)
    {
        byte[] file = Large(out _);
        await using FileServer server = await FileServer.StartAsync(file);
        DateTimeOffset date = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
        server.Tag = mark switch { "strong" => new("\"1\""), "weak" => new("\"1\"", true), _ => null };
        server.Modified = mark == "date" ? date : null;
        HttpSource source = await HttpSource.OpenAsync(server.Client, server.Uri, Token);
        Assert.Equal(10, source.ReadAt(10_000, new byte[10]));
        if (mark == "length")
            server.File = [.. file, 0];
        server.Tag = mark switch { "strong" => new("\"2\""), "weak" => new("\"2\"", true), _ => null };
        server.Modified = mark == "date" ? date.AddSeconds(1) : null;
        HttpRequestException thrown = Assert.Throws<HttpRequestException>(() => source.ReadAt(10_000, new byte[10]));
        Assert.Contains("open it again", thrown.Message, StringComparison.Ordinal);
        thrown = await Assert.ThrowsAsync<HttpRequestException>(
            async () => await source.ReadAtAsync(10_000, new byte[10], Token));
        Assert.Contains("open it again", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_became_shorter_is_an_error()
    {
        byte[] file = Large(out _);
        await using FileServer server = await FileServer.StartAsync(file);
        HttpSource source = await HttpSource.OpenAsync(server.Client, server.Uri, Token);
        server.File = file[..9000];
        server.Tag = null;
        HttpRequestException thrown = Assert.Throws<HttpRequestException>(() => source.ReadAt(10_000, new byte[10]));
        Assert.Contains("open it again", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bytes 10000-10010/{0}", 11)]
    [InlineData("bytes 10001-10010/{0}", 10)]
    [InlineData("bytes 10000-10009/*", 10)]
    [InlineData("", 10)]
    public async Task An_answer_with_another_range_than_asked_for_is_an_error(string contentRange, int bytes)
    {
        byte[] file = Large(out _);
        await using FileServer server = await FileServer.StartAsync(file);
        HttpSource source = await HttpSource.OpenAsync(server.Client, server.Uri, Token);
        server.Instead = async context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ETag = "\"1\"";
            if (contentRange != "")
            {
                context.Response.Headers.ContentRange = string.Format(
                    System.Globalization.CultureInfo.InvariantCulture, contentRange, file.Length);
            }

            await context.Response.Body.WriteAsync(new byte[bytes]);
            return true;
        };
        HttpRequestException thrown = Assert.Throws<HttpRequestException>(() => source.ReadAt(10_000, new byte[10]));
        Assert.Contains("RFC 9110", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("RFC 9110", await OpenErrorAsync(server), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_ends_early_is_an_error(bool abort)
    {
        byte[] file = Large(out _);
        await using FileServer server = await FileServer.StartAsync(file);
        HttpSource source = await HttpSource.OpenAsync(server.Client, server.Uri, Token);
        server.Instead = async context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes 10000-99999/{file.Length}";
            context.Response.Headers.ETag = "\"1\"";
            await context.Response.Body.WriteAsync(new byte[1000]);
            await context.Response.Body.FlushAsync();
            if (abort)
                context.Abort();
            return true;
        };
        HttpRequestException thrown = Assert.Throws<HttpRequestException>(() => source.ReadAt(10_000, new byte[90_000]));
        Assert.Contains("try again", thrown.Message, StringComparison.Ordinal);
        thrown = await Assert.ThrowsAsync<HttpRequestException>(
            async () => await source.ReadAtAsync(10_000, new byte[90_000], Token));
        Assert.Contains("try again", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_says_a_file_has_two_to_the_sixty_bytes_costs_no_memory()
    {
        await using FileServer server = await FileServer.StartAsync([]);
        server.Instead = async context =>
        {
            bool isHead = context.Request.Headers.Range == "bytes=0-4095";
            const long Length = 1L << 60;
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = isHead
                ? $"bytes 0-4095/{Length}" : $"bytes {Length - 131072}-{Length - 1}/{Length}";
            byte[] body = new byte[isHead ? 4096 : 131072];
            if (isHead)
                SmallFile.Write().AsSpan(0, 60).CopyTo(body);
            await context.Response.Body.WriteAsync(body);
            return true;
        };
        HttpSource source = await HttpSource.OpenAsync(server.Client, server.Uri, Token);
        Assert.Equal(1L << 60, source.Length);

        // Not the range that was asked for, nor one that fits.
        server.Instead = async context =>
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes 0-{(1L << 60) - 1}/{1L << 60}";
            await context.Response.Body.WriteAsync(new byte[10]);
            return true;
        };
        Assert.Contains("RFC 9110", await OpenErrorAsync(server), StringComparison.Ordinal);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<HttpRequestException>(() => source.ReadAt(10_000, new byte[10]));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static async Task<string> OpenErrorAsync(FileServer server) =>
        (await Assert.ThrowsAsync<HttpRequestException>(
            () => HttpSource.OpenAsync(server.Client, server.Uri, Token))).Message;

    private static byte[] Large(out int messages)
    {
        using MemoryStream stream = new();
        messages = 12_000;
        using (McapWriter writer = new(
            stream, new McapWriterOptions { ChunkBytes = 16_000, Compression = ChunkCompression.None }, leaveOpen: true))
        {
            ushort channel = writer.AddChannel("/a", "raw");
            byte[] payload = new byte[100];
            for (uint i = 0; i < messages; i++)
            {
                payload.AsSpan().Fill((byte)i);
                writer.WriteMessage(channel, i, 1 + i, 1 + i, payload);
            }
        }

        return stream.ToArray();
    }
}
