using System.Collections;
using System.Diagnostics.CodeAnalysis;
using AvSdk.Grpc.Framing;

namespace AvSdk.Grpc;

/// <summary>
/// What goes beside the messages of a call: the caller's headers, the server's headers, and its trailers.
/// </summary>
/// <remarks>
/// A list: a name may come more than once, and the order within a name is kept. Names are lower case letters,
/// digits and
/// <c>_ - .</c>; upper case is folded. A name that ends in <c>-bin</c> carries bytes, others printable ASCII.
/// Not safe for use from two threads at once; what a call hands out no longer changes.
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "Metadata is the specification's word.")]
public sealed class GrpcMetadata : IReadOnlyCollection<GrpcMetadataEntry>
{
    private const string BinarySuffix = "-bin";
    private readonly List<GrpcMetadataEntry> _entries = [];
    private bool _sealed;

    /// <summary>How many entries.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds text.</summary>
    /// <exception cref="ArgumentException">A name or value that cannot go over the wire, or a reserved
    /// name.</exception>
    /// <exception cref="InvalidOperationException">It has been sent already.</exception>
    public void Add(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        name = RequireName(name);
        if (IsBinary(name))
            throw new ArgumentException(
                $"{name} carries bytes, since it ends in {BinarySuffix}.", nameof(value));
        foreach (char c in value)
        {
            if (c is < ' ' or > '~')
            {
                throw new ArgumentException(
                    $"The value of {name} has the character U+{(int)c:X4}: only printable ASCII can be sent. "
                    + $"Use a name that ends in {BinarySuffix} for other text.",
                    nameof(value));
            }
        }

        _entries.Add(new GrpcMetadataEntry(name, value));
    }

    /// <summary>Adds bytes, which are copied. The name must end in <c>-bin</c>.</summary>
    /// <exception cref="ArgumentException">A name that cannot go over the wire, or a reserved
    /// one.</exception>
    /// <exception cref="InvalidOperationException">It has been sent already.</exception>
    public void Add(string name, ReadOnlySpan<byte> value)
    {
        name = RequireName(name);
        if (!IsBinary(name))
            throw new ArgumentException($"{name} must end in {BinarySuffix} to carry bytes.", nameof(name));
        _entries.Add(new GrpcMetadataEntry(name, value.ToArray()));
    }

    /// <summary>The last value of a name, as text; null when there is none.</summary>
    public string? GetValue(string name)
    {
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            if (string.Equals(_entries[i].Name, name, StringComparison.OrdinalIgnoreCase))
                return _entries[i].Value;
        }

        return null;
    }

    /// <summary>The last value of a <c>-bin</c> name; null when there is none.</summary>
    public ReadOnlyMemory<byte>? GetBytes(string name)
    {
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            GrpcMetadataEntry entry = _entries[i];
            if (entry.IsBinary && string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase))
                return entry.Bytes;
        }

        return null;
    }

    /// <summary>Every entry of a name, in order.</summary>
    public IEnumerable<GrpcMetadataEntry> GetAll(string name)
        => _entries.Where(e => string.Equals(e.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The entries in order.</summary>
    public IEnumerator<GrpcMetadataEntry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>No change from here on: it is on its way, or came from the peer.</summary>
    internal GrpcMetadata Seal()
    {
        _sealed = true;
        return this;
    }

    /// <summary>Takes an entry off the wire; what is not base64 where it should be is left out.</summary>
    internal void AddReceived(string name, string value)
    {
        if (IsReserved(name) || name.StartsWith(':'))
            return;
        name = FoldCase(name);
        if (!IsBinary(name))
        {
            _entries.Add(new GrpcMetadataEntry(name, value));
            return;
        }

        foreach (Range range in value.AsSpan().Split(','))
        {
            if (BinaryHeader.TryDecode(value.AsSpan()[range], out byte[] bytes))
                _entries.Add(new GrpcMetadataEntry(name, bytes));
        }
    }

    internal static bool IsReserved(string name)
        => name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)
            || name.Equals("content-type", StringComparison.OrdinalIgnoreCase)
            || name.Equals("te", StringComparison.OrdinalIgnoreCase);

    private static bool IsBinary(string name) => name.EndsWith(BinarySuffix, StringComparison.Ordinal);

    private static string FoldCase(string name)
        => string.Create(name.Length, name, static (span, from) => from.AsSpan().ToLowerInvariant(span));

    private string RequireName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (_sealed)
            throw new InvalidOperationException($"{name} comes too late: this metadata has been sent.");
        name = FoldCase(name);
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('_' or '-' or '.'))
                throw new ArgumentException(
                    $"The name \"{name}\" has '{c}': use a-z 0-9 _ - .", nameof(name));
        }

        if (IsReserved(name))
            throw new ArgumentException($"{name} is a name of the protocol itself.", nameof(name));
        return name;
    }
}
