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

    public static bool IsAddress(string location) =>
        location.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || location.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Opens what is named.</summary>
    /// <exception cref="ToolFailure">It is not there, or does not let itself be read.</exception>
    public static async Task<McapInput> OpenAsync(string location, ToolConsole console, CancellationToken cancellationToken)
    {
        console.InputName = location;
        await Task.CompletedTask.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (IsAddress(location))
            throw ToolFailure.World($"{location}: addresses cannot be read yet; copy the file first.");
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

    /// <summary>A reader of a finished file, for what must not go by less than all of it.</summary>
    public McapIndexedReader OpenReader() => McapIndexedReader.Open(Source);

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
        catch (McapException e) when (e.Error.Kind == McapErrorKind.Truncated && Source.Length > 0)
        {
            isSealed = false;
            McapIndexedReader reader =
                McapIndexedReader.Open(Source, new McapReadOptions { AllowUnsealed = true });
            console.Remark($"{Name} is not sealed: it ends at byte {e.Error.Offset}, where {e.Error.Expected} should "
                + $"follow; this is what is whole, \"av-mcap recover {Name} -o OUT\" makes a finished file of it.");
            return reader;
        }
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
            owned.Dispose();
    }
}
