using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AvSdk.Lz4;

/// <summary>xxHash32: the 32-bit, non-cryptographic checksum of the LZ4 frame format.</summary>
/// <remarks>
/// One-shot with <see cref="Compute"/>; incremental with <see cref="Append"/> and <see cref="Finish"/>,
/// where the split into pieces does not matter. A mutable struct: keep it in a field or a local, and do not
/// copy it half-way unless a fork is wanted. <c>default</c> is the hash of nothing with seed 0.
/// Source: xxHash fast digest algorithm, specification 0.1.1, section "XXH32".
/// </remarks>
public struct XxHash32
{
    private const uint Prime1 = 0x9E3779B1;
    private const uint Prime2 = 0x85EBCA77;
    private const uint Prime3 = 0xC2B2AE3D;
    private const uint Prime4 = 0x27D4EB2F;
    private const uint Prime5 = 0x165667B1;
    private const int StripeBytes = 16;

    private readonly uint _seed;
    private Lanes _lanes;
    private Stripe _pending;
    private int _pendingBytes;
    private ulong _totalBytes;

    /// <summary>Starts an incremental hash.</summary>
    /// <param name="seed">Seed; the LZ4 frame format uses 0.</param>
    public XxHash32(uint seed)
    {
        this = default;
        _seed = seed;
    }

    /// <summary>The hash of <paramref name="source"/>, which may be empty. Allocates nothing.</summary>
    /// <param name="source">The bytes to hash.</param>
    /// <param name="seed">Seed; the LZ4 frame format uses 0.</param>
    public static uint Compute(ReadOnlySpan<byte> source, uint seed = 0)
    {
        int totalBytes = source.Length;
        if (totalBytes < StripeBytes)
            return Avalanche(seed + Prime5 + (uint)totalBytes, source);
        Lanes lanes = new(seed);
        ReadOnlySpan<byte> tail = lanes.Consume(source);
        return Avalanche(lanes.Merge() + (uint)totalBytes, tail);
    }

    /// <summary>Adds bytes to the hash. Allocates nothing.</summary>
    /// <param name="source">The next bytes; may be empty.</param>
    public void Append(ReadOnlySpan<byte> source)
    {
        if (_totalBytes == 0)
            _lanes = new Lanes(_seed);
        _totalBytes += (uint)source.Length;
        Span<byte> pending = _pending;
        if (_pendingBytes > 0)
        {
            int take = Math.Min(StripeBytes - _pendingBytes, source.Length);
            source[..take].CopyTo(pending[_pendingBytes..]);
            _pendingBytes += take;
            source = source[take..];
            if (_pendingBytes < StripeBytes)
                return;
            _lanes.Consume(pending);
            _pendingBytes = 0;
        }

        ReadOnlySpan<byte> tail = _lanes.Consume(source);
        tail.CopyTo(pending);
        _pendingBytes = tail.Length;
    }

    /// <summary>The hash of everything appended so far; appending may go on afterwards.</summary>
    public readonly uint Finish()
    {
        ReadOnlySpan<byte> pending = _pending;
        uint state = _totalBytes < StripeBytes ? _seed + Prime5 : _lanes.Merge();
        return Avalanche(state + (uint)_totalBytes, pending[.._pendingBytes]);
    }

    private static uint Avalanche(uint hash, ReadOnlySpan<byte> tail)
    {
        while (tail.Length >= 4)
        {
            hash = BitOperations.RotateLeft(
                hash + (BinaryPrimitives.ReadUInt32LittleEndian(tail) * Prime3), 17) * Prime4;
            tail = tail[4..];
        }

        foreach (byte b in tail)
            hash = BitOperations.RotateLeft(hash + (b * Prime5), 11) * Prime1;
        hash = (hash ^ (hash >> 15)) * Prime2;
        hash = (hash ^ (hash >> 13)) * Prime3;
        return hash ^ (hash >> 16);
    }

    [InlineArray(StripeBytes)]
    private struct Stripe
    {
        private byte _first;
    }

    private struct Lanes(uint seed)
    {
        private uint _a = seed + Prime1 + Prime2;
        private uint _b = seed + Prime2;
        private uint _c = seed;
        private uint _d = seed - Prime1;

        /// <summary>Takes whole stripes; returns the rest, shorter than a stripe.</summary>
        public ReadOnlySpan<byte> Consume(ReadOnlySpan<byte> source)
        {
            int wholeBytes = source.Length & ~(StripeBytes - 1);
            ReadOnlySpan<Four> stripes = MemoryMarshal.Cast<byte, Four>(source[..wholeBytes]);
            uint a = _a, b = _b, c = _c, d = _d;
            foreach (ref readonly Four stripe in stripes)
            {
                a = Round(a, stripe.A);
                b = Round(b, stripe.B);
                c = Round(c, stripe.C);
                d = Round(d, stripe.D);
            }

            (_a, _b, _c, _d) = (a, b, c, d);
            return source[wholeBytes..];
        }

        public readonly uint Merge() =>
            BitOperations.RotateLeft(_a, 1) + BitOperations.RotateLeft(_b, 7)
            + BitOperations.RotateLeft(_c, 12) + BitOperations.RotateLeft(_d, 18);

        private static uint Round(uint lane, uint input)
        {
            if (!BitConverter.IsLittleEndian)
                input = BinaryPrimitives.ReverseEndianness(input);
            return BitOperations.RotateLeft(lane + (input * Prime2), 13) * Prime1;
        }
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private readonly struct Four
    {
        public readonly uint A, B, C, D;
    }
}
