using AvSdk.Recording.Spool;

namespace AvSdk.Tests.Recording.Fakes;

/// <summary>
/// A disk in memory that knows what of it is durable and can be told to fail. A copy is what another process would find
/// after a kill; after a power cut only what was flushed is there. As Linux does, it takes what a failed flush was to write for
/// written: later flushes of that file are good, and nothing of it is on the disk.
/// </summary>
internal sealed class MemoryFiles : ISpoolFiles
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Content> _files = new(StringComparer.Ordinal);

    public string Name => "memory";

    public long CapacityBytes { get; set; } = long.MaxValue;

    public long FreeBytes
    {
        get
        {
            lock (_gate)
                return CapacityBytes - UsedBytes;
        }
    }

    /// <summary>Asked before each flush; an exception fails it.</summary>
    public Action<string>? BeforeFlush { get; set; }

    /// <summary>Asked before each opening of a file that exists; an exception fails it.</summary>
    public Action<string>? BeforeOpen { get; set; }

    /// <summary>Asked before each append; an exception fails it after <see cref="ShortWriteBytes"/>.</summary>
    public Action<string>? BeforeAppend { get; set; }

    /// <summary>Asked before each read at an offset; an exception fails it.</summary>
    public Action<string, long>? BeforeRead { get; set; }

    /// <summary>Asked before each deletion; an exception fails it.</summary>
    public Action<string>? BeforeDelete { get; set; }

    /// <summary>Bytes of a failing append that reach the file.</summary>
    public int ShortWriteBytes { get; set; }

    public int Flushes { get; private set; }

    public IReadOnlyList<string> Names => [.. List().Select(static entry => entry.Name)];

    public IReadOnlyList<string> Segments =>
        [.. Names.Where(static name => name.EndsWith(".mcap", StringComparison.Ordinal))];

    private long UsedBytes => _files.Values.Sum(static file => (long)file.Length);

    public IReadOnlyList<SpoolFileEntry> List()
    {
        lock (_gate)
            return [.. _files.Select(static file => new SpoolFileEntry(file.Key, file.Value.Length))];
    }

    public ISpoolFile Create(string name)
    {
        lock (_gate)
        {
            if (_files.ContainsKey(name))
                throw new IOException($"{name} exists.");
            Content content = new();
            _files.Add(name, content);
            return new OpenFile(this, name, content);
        }
    }

    public ISpoolFile Open(string name)
    {
        BeforeOpen?.Invoke(name);
        lock (_gate)
        {
            return _files.TryGetValue(name, out Content? content)
                ? new OpenFile(this, name, content)
                : throw new FileNotFoundException($"There is no {name}.", name);
        }
    }

    public void Rename(string name, string newName)
    {
        lock (_gate)
        {
            if (!_files.Remove(name, out Content? content))
                throw new FileNotFoundException($"There is no {name}.", name);
            _files[newName] = content;
        }
    }

    public void Delete(string name)
    {
        BeforeDelete?.Invoke(name);
        lock (_gate)
            _files.Remove(name);
    }

    public void FlushDeletions(string folder)
    {
    }

    public byte[] Read(string name)
    {
        lock (_gate)
            return _files[name].Bytes[.._files[name].Length];
    }

    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
            _files[name] = new Content { Bytes = bytes.ToArray(), Length = bytes.Length, Durable = bytes.Length };
    }

    /// <summary>What is there now, for another process: the first one was killed.</summary>
    public MemoryFiles Copy() => Copy(static file => file.Length);

    /// <summary>As <see cref="Copy()"/>, and what was not flushed is not durable there either.</summary>
    public MemoryFiles CopyCached()
    {
        MemoryFiles copy = Copy();
        lock (_gate)
        {
            foreach ((string name, Content file) in _files)
                copy._files[name].Durable = file.Durable;
        }

        return copy;
    }

    /// <summary>What is there after the power was cut.</summary>
    public MemoryFiles CopyDurable() => Copy(static file => file.Durable);

    /// <summary>As <see cref="CopyDurable"/>, and of each file some of what was not flushed.</summary>
    public MemoryFiles CopyAfterPowerCut(Random random) =>
        Copy(file => random.Next(file.Durable, file.Length + 1));

    public void Dispose()
    {
    }

    private MemoryFiles Copy(Func<Content, int> length)
    {
        MemoryFiles copy = new();
        lock (_gate)
        {
            foreach ((string name, Content file) in _files)
                copy.Write(name, file.Bytes.AsSpan(0, length(file)));
        }

        return copy;
    }

    private sealed class Content
    {
        public byte[] Bytes { get; set; } = [];

        public int Length { get; set; }

        public int Durable { get; set; }

        /// <summary>What is before this will never be written.</summary>
        public int Lost { get; set; }
    }

    private sealed class OpenFile(MemoryFiles files, string name, Content content) : ISpoolFile
    {
        public string Name { get; } = name;

        public long LengthBytes
        {
            get
            {
                lock (files._gate)
                    return content.Length;
            }
        }

        public void Append(ReadOnlySpan<byte> data)
        {
            try
            {
                files.BeforeAppend?.Invoke(Name);
            }
            catch (IOException)
            {
                AppendHeld(data[..Math.Min(data.Length, files.ShortWriteBytes)]);
                throw;
            }

            AppendHeld(data);
        }

        public int Read(long offset, Span<byte> destination)
        {
            files.BeforeRead?.Invoke(Name, offset);
            lock (files._gate)
            {
                int length = (int)Math.Clamp(content.Length - offset, 0, destination.Length);
                content.Bytes.AsSpan((int)Math.Min(offset, content.Length), length).CopyTo(destination);
                return length;
            }
        }

        public void Truncate(long lengthBytes)
        {
            lock (files._gate)
            {
                content.Length = (int)lengthBytes;
                content.Durable = Math.Min(content.Durable, content.Length);
                content.Lost = Math.Min(content.Lost, content.Length);
            }
        }

        public void Flush()
        {
            try
            {
                files.BeforeFlush?.Invoke(Name);
            }
            catch (IOException)
            {
                lock (files._gate)
                    content.Lost = content.Length;
                throw;
            }

            lock (files._gate)
            {
                // A hole is worth nothing: what follows it was not there in order.
                if (content.Lost <= content.Durable)
                    content.Durable = content.Length;
                files.Flushes++;
            }
        }

        public void Dispose()
        {
        }

        private void AppendHeld(ReadOnlySpan<byte> data)
        {
            lock (files._gate)
            {
                if (files.UsedBytes + data.Length > files.CapacityBytes)
                    throw new IOException("No space left on device.");
                int length = content.Length + data.Length;
                if (length > content.Bytes.Length)
                {
                    byte[] grown = new byte[Math.Max(length, content.Bytes.Length * 2)];
                    content.Bytes.AsSpan(0, content.Length).CopyTo(grown);
                    content.Bytes = grown;
                }

                data.CopyTo(content.Bytes.AsSpan(content.Length));
                content.Length = length;
            }
        }
    }
}
