using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace AvSdk.Sources.Simulation;

/// <summary>
/// A baseline JPEG encoder (ITU-T T.81): 4:2:0, the tables of Annex K, quality as the Independent JPEG
/// Group scales it. Small rather than fast: the simulator encodes each picture once.
/// <code>
/// SOI · [APP0, COM: see <see cref="Begin"/>] · DQT · SOF0 · DHT ×4 · SOS · entropy-coded data · EOI
/// </code>
/// </summary>
internal sealed class JpegEncoder
{
    // At 8x + u: cos((2x + 1)uπ / 16) / 2, for u = 0 by √½: an orthonormal transform of eight values.
    private static readonly float[] CosinesByValue = MakeCosines();

    private readonly byte[][] _quantization;
    private readonly float[][] _perQuantum;
    private readonly Codes _lumaDc = new(JpegTables.LumaDcBits, JpegTables.DcValues);
    private readonly Codes _lumaAc = new(JpegTables.LumaAcBits, JpegTables.LumaAcValues);
    private readonly Codes _chromaDc = new(JpegTables.ChromaDcBits, JpegTables.DcValues);
    private readonly Codes _chromaAc = new(JpegTables.ChromaAcBits, JpegTables.ChromaAcValues);
    private readonly List<byte> _output = [];
    private uint _bits;
    private int _bitCount;

    public JpegEncoder(int quality)
    {
        int scale = quality < 50 ? 5000 / quality : 200 - (quality * 2);
        _quantization =
            [Scale(JpegTables.LumaQuantization, scale), Scale(JpegTables.ChromaQuantization, scale)];
        _perQuantum = [.. _quantization.Select(table => Array.ConvertAll(table, static each => 1f / each))];
    }

    /// <summary>Everything of a file after its first segments, which <see cref="Begin"/> writes.</summary>
    public byte[] EncodeRest(YuvPicture picture)
    {
        _output.Clear();
        WriteHeaders(picture.Width, picture.Height);
        EncodeBlocks(picture);
        if (_bitCount > 0)
            Put(0x7F, 7); // fills the last byte with ones
        (_bits, _bitCount) = (0, 0);
        _output.AddRange([0xFF, 0xD9]);
        return [.. _output];
    }

    /// <summary>Writes SOI, APP0 (JFIF 1.01) and a comment; returns their length, bytes.</summary>
    public static int Begin(Span<byte> destination, ReadOnlySpan<byte> comment)
    {
        ReadOnlySpan<byte> start =
        [
            0xFF, 0xD8, 0xFF, 0xE0, 0, 16, (byte)'J', (byte)'F', (byte)'I', (byte)'F', 0,
            1, 1, 0, 0, 1, 0, 1, 0, 0,
        ];
        start.CopyTo(destination);
        destination = destination[start.Length..];
        destination[0] = 0xFF;
        destination[1] = 0xFE;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)(comment.Length + 2));
        comment.CopyTo(destination[4..]);
        return start.Length + 4 + comment.Length;
    }

    private void WriteHeaders(int width, int height)
    {
        for (int table = 0; table < 2; table++)
        {
            Segment(0xDB, 65, [(byte)table]);
            foreach (byte at in JpegTables.ZigZag)
                _output.Add(_quantization[table][at]);
        }

        // Three components: the first with 2 × 2 blocks a unit and table 0, the others with one block and
        // table 1.
        Segment(0xC0, 15,
        [
            8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 3,
            1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1,
        ]);
        Huffman(0x00, JpegTables.LumaDcBits, JpegTables.DcValues);
        Huffman(0x10, JpegTables.LumaAcBits, JpegTables.LumaAcValues);
        Huffman(0x01, JpegTables.ChromaDcBits, JpegTables.DcValues);
        Huffman(0x11, JpegTables.ChromaAcBits, JpegTables.ChromaAcValues);
        Segment(0xDA, 10, [3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]);
    }

    private void Huffman(byte table, ReadOnlySpan<byte> bits, ReadOnlySpan<byte> values)
    {
        Segment(0xC4, 17 + values.Length, [table]);
        _output.AddRange(bits);
        _output.AddRange(values);
    }

    private void Segment(byte marker, int contentBytes, ReadOnlySpan<byte> begin)
    {
        int length = contentBytes + 2;
        _output.AddRange([0xFF, marker, (byte)(length >> 8), (byte)length]);
        _output.AddRange(begin);
    }

    private void EncodeBlocks(YuvPicture picture)
    {
        int luma = 0, blue = 0, red = 0;
        for (int y = 0; y < picture.Height; y += 16)
        {
            for (int x = 0; x < picture.Width; x += 16)
            {
                for (int block = 0; block < 4; block++)
                {
                    int at = ((y + (block >> 1 << 3)) * picture.Width) + x + ((block & 1) << 3);
                    Encode(picture.Luma, at, picture.Width, 0, _lumaDc, _lumaAc, ref luma);
                }

                int half = picture.Width / 2;
                int chromaAt = (y / 2 * half) + (x / 2);
                Encode(picture.ChromaBlue, chromaAt, half, 1, _chromaDc, _chromaAc, ref blue);
                Encode(picture.ChromaRed, chromaAt, half, 1, _chromaDc, _chromaAc, ref red);
            }
        }
    }

    private void Encode(byte[] plane, int at, int stride, int table, Codes dc, Codes ac, ref int lastDc)
    {
        Span<int> block = stackalloc int[64];
        Transform(plane, at, stride, _perQuantum[table], block);

        int difference = block[0] - lastDc;
        lastDc = block[0];
        int size = Size(difference);
        dc.Put(this, size);
        PutValue(difference, size);

        int zeros = 0;
        for (int i = 1; i < 64; i++)
        {
            int value = block[JpegTables.ZigZag[i]];
            if (value == 0)
            {
                zeros++;
                continue;
            }

            for (; zeros > 15; zeros -= 16)
                ac.Put(this, 0xF0);
            size = Size(value);
            ac.Put(this, (zeros << 4) | size);
            PutValue(value, size);
            zeros = 0;
        }

        if (zeros > 0)
            ac.Put(this, 0);
    }

    // Rows, then columns; in each step a vector holds the same sum for eight frequencies or eight columns.
    private static void Transform(byte[] plane, int at, int stride, float[] perQuantum, Span<int> block)
    {
        Span<float> rows = stackalloc float[64];
        for (int y = 0; y < 8; y++)
        {
            ReadOnlySpan<byte> line = plane.AsSpan(at + (y * stride), 8);
            Vector256<float> sums = Vector256<float>.Zero;
            for (int x = 0; x < 8; x++)
                sums += Vector256.Create<float>(line[x] - 128) * Vector256.Create(CosinesByValue, x * 8);
            sums.CopyTo(rows[(y * 8)..]);
        }

        for (int v = 0; v < 8; v++)
        {
            Vector256<float> sums = Vector256<float>.Zero;
            for (int y = 0; y < 8; y++)
            {
                float cosine = CosinesByValue[(y * 8) + v];
                sums += Vector256.Create<float>(rows[(y * 8)..]) * Vector256.Create(cosine);
            }

            sums *= Vector256.Create(perQuantum, v * 8);
            // Rounded half up: the same on every processor.
            Vector256.ConvertToInt32(Vector256.Floor(sums + Vector256.Create(0.5f))).CopyTo(block[(v * 8)..]);
        }
    }

    private static int Size(int value) => 32 - BitOperations.LeadingZeroCount((uint)Math.Abs(value));

    // T.81 F.1.2.1: a negative value is written as one less, in its size's bits.
    private void PutValue(int value, int size) =>
        Put((uint)(value < 0 ? value - 1 : value) & ((1u << size) - 1), size);

    private void Put(uint bits, int count)
    {
        _bits = (_bits << count) | bits;
        for (_bitCount += count; _bitCount >= 8; _bitCount -= 8)
        {
            byte next = (byte)(_bits >> (_bitCount - 8));
            _output.Add(next);
            if (next == 0xFF)
                _output.Add(0);
        }
    }

    private static byte[] Scale(ReadOnlySpan<byte> table, int scale)
    {
        byte[] scaled = new byte[64];
        for (int i = 0; i < 64; i++)
            scaled[i] = (byte)Math.Clamp(((table[i] * scale) + 50) / 100, 1, 255);
        return scaled;
    }

    private static float[] MakeCosines()
    {
        float[] cosines = new float[64];
        for (int i = 0; i < 64; i++)
        {
            (int x, int u) = (i / 8, i % 8);
            double cos = PortableMath.SinCos(((2 * x) + 1) * u * Math.PI / 16).Cos;
            cosines[i] = (float)(cos * (u == 0 ? Math.Sqrt(0.125) : 0.5));
        }

        return cosines;
    }

    /// <summary>A Huffman table as T.81 C.2 derives it: codes in order of length.</summary>
    private sealed class Codes
    {
        private readonly ushort[] _code = new ushort[256];
        private readonly byte[] _length = new byte[256];

        public Codes(ReadOnlySpan<byte> bits, ReadOnlySpan<byte> values)
        {
            int code = 0, next = 0;
            for (int length = 1; length <= 16; length++, code <<= 1)
            {
                for (int i = 0; i < bits[length - 1]; i++, next++)
                {
                    _code[values[next]] = (ushort)code++;
                    _length[values[next]] = (byte)length;
                }
            }
        }

        public void Put(JpegEncoder encoder, int symbol) => encoder.Put(_code[symbol], _length[symbol]);
    }
}
