using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace AvSdk.Contracts.Identity;

/// <summary>
/// Files that together make one value, read again when they changed. What cannot be used, for example one half of a
/// pair that is being replaced, changes nothing: the value there is stays.
/// </summary>
/// <remarks>
/// Time of change and length tell; since a change within the clock's tick of the last one would hide, the bytes are
/// looked at too, at most once a second. Not safe for threads.
/// </remarks>
internal sealed class WatchedFiles<T>(
    (string Key, string Path)[] files, Func<byte[][], Reading<T>> read, TimeProvider time)
    where T : class
{
    private const int FileBytesMax = 16 << 20;
    private static readonly TimeSpan BytesEvery = TimeSpan.FromSeconds(1);

    private (DateTime ChangedAt, long Bytes)[] _stamps = [];
    private byte[] _hash = [];
    private string? _lastProblem;
    private long _readAt;

    /// <summary>What is in force; null until a first reading succeeded.</summary>
    public T? Value { get; private set; }

    /// <summary>Null: nothing new. Else the new value is in force, or a problem keeps it from being.</summary>
    public Reading<T>? Refresh()
    {
        try
        {
            (DateTime, long)[] stamps = Array.ConvertAll(files, static file => StampOf(file.Path));
            if (_stamps.AsSpan().SequenceEqual(stamps) && time.GetElapsedTime(_readAt) < BytesEvery)
                return null;
            _readAt = time.GetTimestamp();
            byte[][] contents = Array.ConvertAll(files, static file => File.ReadAllBytes(file.Path));
            _stamps = stamps;
            byte[] hash = SHA256.HashData(Array.ConvertAll(contents, SHA256.HashData).SelectMany(static each => each).ToArray());
            if (_hash.AsSpan().SequenceEqual(hash))
                return null;
            _hash = hash;
            Reading<T> reading = read(contents);
            Value = reading.Value ?? Value;
            _lastProblem = reading.Problem?.Remedy;
            return reading;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // What is not there now may be there in a moment: whatever comes is new then.
            _hash = [];
            _stamps = [];
            (string key, string path) = Array.Find(files, file => !CanRead(file.Path)) is { Path: not null } found
                ? found : files[0];
            string remedy = $"{refused.Message.TrimEnd('.')}. Name a file that this user can read.";
            if (remedy == _lastProblem)
                return null;
            _lastProblem = remedy;
            return new Reading<T>(null, new IdentityFileProblem(key, path, remedy));
        }
    }

    private static bool CanRead(string path)
    {
        try
        {
            StampOf(path);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Of what a symbolic link leads to, as deployments switch between folders by one.
    private static (DateTime ChangedAt, long Bytes) StampOf(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        long bytes = RandomAccess.GetLength(handle);
        return bytes <= FileBytesMax
            ? (File.GetLastWriteTimeUtc(handle), bytes)
            : throw new IOException($"The file {path} has {bytes} bytes, more than {FileBytesMax}");
    }
}

/// <summary>A value, or why there is none.</summary>
internal sealed record Reading<T>(T? Value, IdentityFileProblem? Problem)
    where T : class;
