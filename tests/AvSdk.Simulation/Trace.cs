using AvSdk.Simulation.Clock;

namespace AvSdk.Simulation;

/// <summary>
/// What happened: virtual time, who, what. Always hashed, so that two runs of a seed can be compared;
/// written out when somebody wants to read it.
/// </summary>
internal sealed class Trace(VirtualClock clock, TextWriter? output)
{
    private ulong _hash = 14695981039346656037;

    /// <summary>Of everything noted so far.</summary>
    public string Hash => _hash.ToString("x16");

    public bool IsWritten => output is not null;

    public void Note(string who, string what)
    {
        Mix((ulong)clock.Now.Ticks);
        Mix(who);
        Mix(what);
        output?.WriteLine($"{clock.Now:hh\\:mm\\:ss\\.fffffff} {who,-12} {what}");
    }

    /// <summary>For people only: not part of the hash.</summary>
    public void Tell(string who, string what) =>
        output?.WriteLine($"{clock.Now:hh\\:mm\\:ss\\.fffffff} {who,-12} {what}");

    private void Mix(string text)
    {
        foreach (char c in text)
            _hash = (_hash ^ c) * 1099511628211;
        _hash = (_hash ^ 0xFFFF) * 1099511628211;
    }

    private void Mix(ulong value)
    {
        for (int shift = 0; shift < 64; shift += 16)
            _hash = (_hash ^ ((value >> shift) & 0xFFFF)) * 1099511628211;
    }
}
