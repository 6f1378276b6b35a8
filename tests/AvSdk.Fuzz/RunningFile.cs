using System.IO.MemoryMappedFiles;

namespace AvSdk.Fuzz;

/// <summary>
/// Which run each worker is at, in a file that outlives the process: a read out of bounds ends it without a word.
/// </summary>
public sealed class RunningFile : IDisposable
{
    private readonly string _path;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public RunningFile(string folder, string subject, int workers)
    {
        Directory.CreateDirectory(folder);
        _path = Path.Combine(folder, $"running-{subject}-{Environment.ProcessId}");
        _file = MemoryMappedFile.CreateFromFile(_path, FileMode.Create, null, workers * sizeof(long));
        _view = _file.CreateViewAccessor();
    }

    /// <summary>What processes that ended at once were at; their files are removed.</summary>
    public static IReadOnlyList<long> TakeLeft(string folder, string subject)
    {
        List<long> runs = [];
        if (!Directory.Exists(folder))
            return runs;
        foreach (string path in Directory.EnumerateFiles(folder, $"running-{subject}-*"))
        {
            int process = int.Parse(path.Split('-')[^1], System.Globalization.CultureInfo.InvariantCulture);
            if (Directory.Exists($"/proc/{process}"))
                continue;
            byte[] bytes = File.ReadAllBytes(path);
            for (int at = 0; at + sizeof(long) <= bytes.Length; at += sizeof(long))
                runs.Add(BitConverter.ToInt64(bytes, at));
            File.Delete(path);
        }

        return [.. runs.Where(r => r >= 0)];
    }

    public void Set(int worker, long run) => _view.Write(worker * sizeof(long), run);

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }
}
