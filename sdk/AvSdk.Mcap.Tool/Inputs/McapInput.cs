using AvSdk.Mcap.Tool.Commands;

namespace AvSdk.Mcap.Tool.Inputs;

/// <summary>A file to read, by its path or its address.</summary>
internal sealed class McapInput : IDisposable
{
    private readonly List<IDisposable> _owned;

    private McapInput(string name, IMcapSource source, params List<IDisposable> owned)
    {
        Name = name;
        Source = source;
        _owned = owned;
    }

    /// <summary>As it was given.</summary>
    public string Name { get; }

    public IMcapSource Source { get; }

    /// <summary>The same for whoever reads all of it in small pieces, one after the other.</summary>
    public IMcapSource Sequential => Source is IMcapRemoteSource remote ? new BlockSource(remote) : Source;

    public static bool IsAddress(string location) =>
        location.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || location.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Opens what is named.</summary>
    /// <exception cref="ToolFailure">It is not there, or does not let itself be read.</exception>
    public static async Task<McapInput> OpenAsync(string location, ToolConsole console, CancellationToken cancellationToken)
    {
        console.InputName = location;
        if (IsAddress(location))
            return await OpenAddressAsync(location, cancellationToken).ConfigureAwait(false);
        try
        {
            FileSource source = new(location);
            return new McapInput(location, source, source);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw ToolFailure.World($"there is no file {location}; check the path.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw ToolFailure.World(Directory.Exists(location)
                ? $"{location} is a folder; name a file in it."
                : $"{location} may not be read; ask its owner, or copy it.", e);
        }
    }

    private static async Task<McapInput> OpenAddressAsync(string address, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri))
            throw ToolFailure.Usage($"{address} is not an address; write it like https://example.com/drive.mcap.");
        HttpClient client = new();
        try
        {
            client.DefaultRequestHeaders.UserAgent.Add(new("av-mcap", ToolVersion.Text));
            HttpSource source = await HttpSource.OpenAsync(client, uri, cancellationToken).ConfigureAwait(false);
            return new McapInput(address, source, client);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>A reader of a finished file, for what must not go by less than all of it.</summary>
    public McapIndexedReader OpenReader(McapReadOptions? options = null)
    {
        ThrowIfEmpty();
        return McapIndexedReader.Open(Source, options);
    }

    /// <summary>A reader from the beginning, for what needs everything in its order.</summary>
    public McapStreamReader OpenStream(CancellationToken cancellationToken)
    {
        ThrowIfEmpty();
        return new McapStreamReader(new SourceStream(Sequential, cancellationToken));
    }

    /// <summary>
    /// A reader of whatever is whole, for reports. Says so, and <paramref name="isSealed"/> is false, where the
    /// file's writer died.
    /// </summary>
    public McapIndexedReader OpenReader(ToolConsole console, out bool isSealed)
    {
        isSealed = true;
        try
        {
            return OpenReader();
        }
        catch (McapException e) when (e.Error.Kind == McapErrorKind.Truncated)
        {
            isSealed = false;
            McapIndexedReader reader =
                McapIndexedReader.Open(Source, new McapReadOptions { AllowUnsealed = true });
            console.Remark($"{Name} is not sealed: it ends at byte {e.Error.Offset}, where {e.Error.Expected} should "
                + $"follow; this is what is whole, \"av-mcap recover {Name} -o OUT\" makes a finished file of it.");
            return reader;
        }
    }

    private void ThrowIfEmpty()
    {
        if (Source.Length == 0)
            throw new ToolFailure(ExitCode.Unreadable, $"{Name} is empty; look for another copy of it.");
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
            owned.Dispose();
    }
}
