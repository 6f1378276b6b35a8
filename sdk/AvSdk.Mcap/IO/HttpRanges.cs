using System.Net;
using System.Net.Http.Headers;

namespace AvSdk.Mcap;

/// <summary>Range requests for one file, and what their answers mean.</summary>
internal sealed class HttpRanges(HttpClient client, Uri uri)
{
    private HttpVersionMark? _version;

    /// <summary>
    /// Asks for the first or the last bytes of a file not known so far. A server that knows no ranges is good enough
    /// for a file of no more than 128 KiB. Null: it knows ranges perhaps, and not those that count from the end.
    /// </summary>
    public async Task<HttpPart?> OpenAsync(
        RangeHeaderValue range, int bytesMax, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = Request(range);
        using HttpResponseMessage response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        HttpVersionMark version = HttpVersionMark.Of(response);
        ContentRangeHeaderValue? given = response.Content.Headers.ContentRange;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && given?.Length == 0)
            return new HttpPart(0, [], 0, version);
        bool isWhole = response.StatusCode == HttpStatusCode.OK
            && response.Content.Headers.ContentLength <= ContentsLoader.TailReadBytes;
        bool isSuffix = range.Ranges.First().From is null;
        if (isSuffix && !isWhole && (int)response.StatusCode is 200 or 400 or 416 or 501)
            return null;
        if (!isWhole)
            Check(response, given);
        long offset = isWhole ? 0 : given!.From!.Value;
        long fileBytes = isWhole ? response.Content.Headers.ContentLength!.Value : given!.Length!.Value;
        long bytes = isWhole ? fileBytes : given!.To!.Value - offset + 1;
        if (bytes > (isWhole ? ContentsLoader.TailReadBytes : bytesMax) || offset + bytes > fileBytes)
            throw Odd($"bytes {offset} to {offset + bytes - 1} of {fileBytes} where {range.Ranges.First()} was asked for");
        byte[] body = new byte[bytes];
        await FillAsync(response, body, cancellationToken).ConfigureAwait(false);
        return new HttpPart(offset, body, fileBytes, version);
    }

    /// <summary>From now on everything has to be of the version that the first answers are of.</summary>
    public void Pin(HttpPart head, HttpPart tail)
    {
        if (head.FileBytes != tail.FileBytes || !head.Version.Fits(tail.Version))
            throw Changed(null);
        long headBytes = Math.Min(head.FileBytes, ContentsLoader.HeadReadBytes);
        long tailBytes = Math.Min(tail.FileBytes, ContentsLoader.TailReadBytes);
        if (head.Offset != 0 || head.Bytes.Length < headBytes
            || tail.Offset + tail.Bytes.Length != tail.FileBytes || tail.Bytes.Length < tailBytes)
            throw Odd("other bytes than the first and the last ones that were asked for");
        _version = tail.Version;
    }

    public void Read(long offset, Span<byte> destination, long fileBytes)
    {
        using HttpRequestMessage request = Request(offset, destination.Length);
        using HttpResponseMessage response = Send(request);
        Check(response, offset, destination.Length, fileBytes);
        using Stream body = response.Content.ReadAsStream();
        int read;
        try
        {
            read = body.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        }
        catch (IOException e)
        {
            throw Broken(e);
        }

        CheckFilled(read, destination.Length);
    }

    public async ValueTask ReadAsync(
        long offset, Memory<byte> destination, long fileBytes, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = Request(offset, destination.Length);
        using HttpResponseMessage response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        Check(response, offset, destination.Length, fileBytes);
        await FillAsync(response, destination, cancellationToken).ConfigureAwait(false);
    }

    private HttpResponseMessage Send(HttpRequestMessage request)
    {
        try
        {
            return client.Send(request, HttpCompletionOption.ResponseHeadersRead);
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e);
        }
    }

    private HttpRequestMessage Request(long offset, int count) =>
        Request(new RangeHeaderValue(offset, offset + count - 1));

    private HttpRequestMessage Request(RangeHeaderValue range)
    {
        HttpRequestMessage request = new(HttpMethod.Get, uri);
        request.Headers.Range = range;

        // Ranges of a file compressed on the way would be ranges of something else.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        _version?.Require(request.Headers);
        return request;
    }

    private async ValueTask FillAsync(
        HttpResponseMessage response, Memory<byte> destination, CancellationToken cancellationToken)
    {
        int read;
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                read = await body.ReadAtLeastAsync(destination, destination.Length, false, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        catch (IOException e)
        {
            throw Broken(e);
        }

        CheckFilled(read, destination.Length);
    }

    private void Check(HttpResponseMessage response, long offset, int count, long fileBytes)
    {
        ContentRangeHeaderValue? given = response.Content.Headers.ContentRange;
        bool isShorter = response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable;
        bool isChanged = response.StatusCode == HttpStatusCode.PreconditionFailed
            || !_version!.Fits(HttpVersionMark.Of(response)) || (given?.Length ?? fileBytes) != fileBytes;
        if (isShorter || (isChanged && (int)response.StatusCode is 200 or 206 or 412))
            throw Changed(response.StatusCode);
        Check(response, given);
        if (given!.From != offset || given.To != offset + count - 1)
        {
            throw Odd(
                $"bytes {given.From} to {given.To} where {offset} to {offset + count - 1} were asked for");
        }
    }

    private void Check(HttpResponseMessage response, ContentRangeHeaderValue? given)
    {
        HttpStatusCode status = response.StatusCode;
        if (status == HttpStatusCode.OK)
        {
            throw Failed("the server gives whole files only (it ignored the Range header): download the file and read "
                + "it from disk, or serve it by one that answers range requests, as object storage, nginx and Apache do",
                status);
        }

        if (status != HttpStatusCode.PartialContent)
            throw Failed(Describe(status), status);
        if (response.Content.Headers.ContentEncoding.Count > 0)
            throw Odd("compressed content, whose ranges are not the file's; have it serve .mcap files as they are");
        if (given is not { Unit: "bytes", HasRange: true, HasLength: true })
            throw Odd($"no whole Content-Range but \"{given}\"");
    }

    private static string Describe(HttpStatusCode status) => (int)status switch
    {
        404 or 410 => $"there is no such file ({(int)status}): check the address",
        401 or 403 => $"the server refuses access ({(int)status}): give the HttpClient the credentials; a signed address "
            + "may have run out",
        429 or >= 500 => $"the server cannot answer now ({(int)status}): try again later, or give the HttpClient a handler "
            + "that tries again",
        _ => $"the server answered {(int)status} to a range request: check that the address is that of the file itself",
    };

    private HttpRequestException Failed(string reason, HttpStatusCode? status, Exception? inner = null) =>
        new($"Reading {uri}: {reason}.", inner, status);

    private HttpRequestException Changed(HttpStatusCode? status) =>
        Failed("the file was changed while it was read: open it again", status);

    private HttpRequestException Odd(string what) => Failed(
        $"the server's answer to a range request is not as RFC 9110 wants it: {what}; if there is a proxy or cache "
        + "between, go round it", null);

    private HttpRequestException Unreachable(HttpRequestException e) => Failed(
        $"no answer from the server ({e.InnerException?.Message ?? e.Message}): check the address and the network, then "
        + "try again", e.StatusCode, e);

    private HttpRequestException Broken(IOException e) =>
        Failed($"the connection broke ({e.Message}): try again", null, e);

    private void CheckFilled(int read, int count)
    {
        if (read != count)
            throw Failed($"the connection ended after {read} of {count} bytes: try again", null);
    }
}
