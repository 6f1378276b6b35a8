using System.Net.Http.Headers;

namespace AvSdk.Mcap;

/// <summary>What tells versions of a file apart (RFC 9110, section 8.8): its ETag, else its date.</summary>
internal sealed record HttpVersionMark(EntityTagHeaderValue? Tag, DateTimeOffset? Modified)
{
    public static HttpVersionMark Of(HttpResponseMessage response) =>
        new(response.Headers.ETag, response.Content.Headers.LastModified);

    /// <summary>Has the server refuse when the file is another version. A weak tag cannot: it is compared only.</summary>
    public void Require(HttpRequestHeaders headers)
    {
        if (Tag is { IsWeak: false })
            headers.IfMatch.Add(Tag);
        else if (Tag is null && Modified is not null)
            headers.IfUnmodifiedSince = Modified;
    }

    /// <summary>Whether two answers can be of one version; what a server does not say, it does not contradict.</summary>
    public bool Fits(HttpVersionMark other) => Tag is not null && other.Tag is not null
        ? Tag.Equals(other.Tag)
        : Modified is null || other.Modified is null || Modified == other.Modified;
}
