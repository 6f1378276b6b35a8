using AvSdk.Mcap.Tool.Commands;

namespace AvSdk.Mcap.Tool.Outputs;

/// <summary>
/// A file under construction: under a name of its own beside the one it is for, which it takes once it is
/// whole and on the disk. Disposed before that, it leaves nothing.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _path;
    private readonly bool _replaces;
    private readonly DurableFile _file;
    private bool _isDone;

    private OutputFile(string path, bool replaces, DurableFile file) => (_path, _replaces, _file) = (path, replaces, file);

    /// <summary>Where its bytes go.</summary>
    public IMcapSink Sink => _file;

    /// <exception cref="ToolFailure">It exists and is not to be replaced, or its folder does not.</exception>
    public static OutputFile Create(string path, bool force)
    {
        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full) ?? throw ToolFailure.Usage($"{path} is not the name of a file.");
        if (!Directory.Exists(folder))
            throw ToolFailure.World($"there is no folder {folder} for the output; create it.");
        if (Directory.Exists(full))
            throw ToolFailure.World($"the output {path} is a folder; name a file in it.");
        if (File.Exists(full) && !force)
            throw ToolFailure.World($"the output {path} exists; give another name, or --force to replace it.");
        string part = Path.Combine(folder, $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}.part");
        return new OutputFile(full, force, DurableFile.Create(part));
    }

    /// <summary>The file is whole: makes it durable and gives it its name. Returns its bytes.</summary>
    /// <exception cref="ToolFailure">Meanwhile somebody else made a file of the name.</exception>
    public long Commit()
    {
        long bytes = _file.Length;
        _file.Flush();
        _file.Dispose();
        try
        {
            File.Move(_file.Path, _path, _replaces);
        }
        catch (IOException e) when (!_replaces && File.Exists(_path))
        {
            throw ToolFailure.World($"the output {_path} has come to exist meanwhile; give another name, or --force.", e);
        }

        _isDone = true;
        DurableFile.FlushDirectory(Path.GetDirectoryName(_path)!);
        return bytes;
    }

    public void Dispose()
    {
        if (_isDone)
            return;
        _isDone = true;
        _file.Dispose();
        File.Delete(_file.Path);
    }
}
