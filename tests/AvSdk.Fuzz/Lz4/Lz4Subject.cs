using AvSdk.Lz4;

namespace AvSdk.Fuzz.Lz4;

/// <summary>
/// Everything that reads LZ4, in memory that ends at forbidden pages: no exception, nothing out of bounds, and one
/// answer from whatever reads it, at once or in pieces.
/// </summary>
public sealed class Lz4Subject : IFuzzSubject, IDisposable
{
    private const int ContentBytesMax = 1 << 20;
    // Two blocks of 4 MiB, as the pool rounds them.
    private const long BytesMax = 16L << 20;

    private readonly IReadOnlyList<Lz4Seed> _seeds = Lz4Corpus.Load();
    private readonly ThreadLocal<(GuardedBuffer Input, GuardedBuffer Output)> _buffers =
        new(() => (new GuardedBuffer(1 << 20), new GuardedBuffer(ContentBytesMax)), trackAllValues: true);

    public string Name => "lz4";

    public FuzzCase Make(FuzzRandom random) => Lz4Mutator.Make(_seeds, random);

    public void Try(FuzzCase input, FuzzRandom random)
    {
        Lz4Input made = (Lz4Input)input;
        if (made.Bytes.Length > 1 << 20)
            return;
        if (made.Seed.IsBlock || random.OneIn(8))
            Budget.Check("Lz4Block", BytesMax, () => TryBlock(made, random));
        else
            Budget.Check("Lz4Frame", BytesMax, () => TryFrame(made, random));
        if (random.OneIn(8))
            Budget.Check("round trip", BytesMax, () => TryRoundTrip(made.Bytes, random));
    }

    public void Dispose()
    {
        foreach ((GuardedBuffer input, GuardedBuffer output) in _buffers.Values)
        {
            input.Dispose();
            output.Dispose();
        }

        _buffers.Dispose();
    }

    private void TryBlock(Lz4Input input, FuzzRandom random)
    {
        ReadOnlySpan<byte> source = Guarded(input.Bytes, random);
        Span<byte> destination = Output(input, random);
        int dictionaryBytes = random.OneIn(3) ? random.Below(2000) : 0;
        Lz4Result result;
        int written;
        if (dictionaryBytes > 0)
        {
            byte[] dictionary = random.Bytes(dictionaryBytes);
            result = Lz4Block.Decompress(source, destination, dictionary, out written);
        }
        else
        {
            bool isGood = Lz4Block.TryDecompress(source, destination, out written);
            result = Lz4Block.Decompress(source, destination, default, out int again);
            if (isGood != result.IsOk || written != again)
                throw new BrokenPromiseException("the same block, decompressed twice, gives two answers");
        }

        Look(result, input, written, destination);
        if (input.Seed.IsBlock && input.Steps.Count == 0 && dictionaryBytes == 0
            && destination.Length >= input.Seed.Content.Length
            && !(result.IsOk && destination[..written].SequenceEqual(input.Seed.Content)))
        {
            throw new BrokenPromiseException($"a good block comes out wrong: {result.Message}");
        }
    }

    private void TryFrame(Lz4Input input, FuzzRandom random)
    {
        ReadOnlySpan<byte> source = Guarded(input.Bytes, random);
        Span<byte> destination = Output(input, random);
        Lz4Result first = Lz4Frame.TryDecompress(source, destination, out int consumed, out int firstWritten);
        Look(first, input, firstWritten, destination);
        if (consumed > source.Length)
            throw new BrokenPromiseException($"{consumed} of {source.Length} bytes consumed");
        Lz4Result whole = Lz4Frame.TryDecompressAll(source, destination, out int written);
        Look(whole, input, written, destination);
        bool isGood = whole.IsOk && destination[..written].SequenceEqual(input.Seed.Content);
        bool fits = destination.Length >= input.Seed.Content.Length;
        if (input.Steps.Count == 0 && fits && !isGood && !input.Seed.IsBlock)
            throw new BrokenPromiseException($"a good frame comes out wrong: {whole.Message}");
        (Lz4Result pieces, byte[] content) = InPieces(source, random);
        Look(pieces, input, 0, default);
        if (whole.IsOk && !(pieces.IsOk && content.AsSpan().SequenceEqual(destination[..written])))
            throw new BrokenPromiseException($"at once {written} bytes, in pieces {content.Length}: {pieces.Message}");
        if (pieces.IsOk && !whole.IsOk && content.Length <= destination.Length)
            throw new BrokenPromiseException($"in pieces {content.Length} bytes, at once \"{whole.Message}\"");
    }

    private static (Lz4Result Result, byte[] Content) InPieces(ReadOnlySpan<byte> source, FuzzRandom random)
    {
        using MemoryStream content = new();
        using Lz4FrameDecoder decoder = new();
        int inputBytes = random.Length(5000);
        byte[] output = new byte[random.Length(8000)];
        while (true)
        {
            ReadOnlySpan<byte> piece = source[..Math.Min(inputBytes, source.Length)];
            Lz4Result result = decoder.Decode(piece, output, out int consumed, out int written);
            content.Write(output, 0, written);
            source = source[consumed..];
            if (!result.IsOk)
                return (result, []);
            if (content.Length > ContentBytesMax)
                return (new Lz4Result(Lz4Error.DestinationTooSmall, 0, 0, 0), []);
            if (source.IsEmpty && written < output.Length)
                return (decoder.Finish(), content.ToArray());
            if (consumed == 0 && written == 0)
                throw new BrokenPromiseException("the decoder takes nothing and gives nothing");
        }
    }

    // What was made out of bad bytes is as good as any content.
    private void TryRoundTrip(byte[] content, FuzzRandom random)
    {
        if (content.Length > 8192)
            content = content[..8192];
        Lz4FrameOptions options = Lz4FrameOptions.Default with
        {
            BlockSize = Lz4BlockSize.Max64KiB,
            LinkedBlocks = random.OneIn(2),
            BlockChecksums = random.OneIn(2),
            ContentChecksum = random.OneIn(2),
            WriteContentSize = random.OneIn(2),
            Level = random.OneIn(2) ? 0 : random.Between(3, 12),
        };
        ReadOnlySpan<byte> source = Guarded(content, random);
        int room = random.OneIn(2)
            ? Lz4Frame.CompressBound(content.Length, options) : random.Below(Lz4Frame.CompressBound(content.Length, options));
        Span<byte> frame = _buffers.Value.Output.AtEnd(room);
        int bytes = Lz4Frame.Compress(source, frame, options);
        if (bytes == 0)
            return;
        byte[] back = new byte[content.Length];
        Lz4Result result = Lz4Frame.TryDecompressAll(frame[..bytes], back, out int written);
        if (!result.IsOk || written != content.Length || !back.AsSpan().SequenceEqual(content))
            throw new BrokenPromiseException($"level {options.Level} does not come back: {result.Message}");
    }

    private ReadOnlySpan<byte> Guarded(byte[] bytes, FuzzRandom random)
    {
        GuardedBuffer buffer = _buffers.Value.Input;
        Span<byte> source = random.OneIn(4) ? buffer.AtStart(bytes.Length) : buffer.AtEnd(bytes.Length);
        bytes.CopyTo(source);
        return source;
    }

    private Span<byte> Output(Lz4Input input, FuzzRandom random)
    {
        int content = input.Seed.Content.Length;
        int bytes = random.Below(4) switch
        {
            0 => content,
            1 => Math.Max(0, content - random.Length(20)),
            2 => random.Below(content + 100),
            _ => Math.Min(ContentBytesMax, (content * 2) + 4096),
        };
        GuardedBuffer buffer = _buffers.Value.Output;
        return random.OneIn(4) ? buffer.AtStart(bytes) : buffer.AtEnd(bytes);
    }

    private static void Look(Lz4Result result, Lz4Input input, int written, ReadOnlySpan<byte> destination)
    {
        if (written > destination.Length || (!result.IsOk && written != 0))
            throw new BrokenPromiseException($"{written} bytes written into {destination.Length}: {result.Message}");
        if (!result.IsOk && (result.Offset < 0 || result.Offset > input.Bytes.Length || result.Message.Length == 0))
            throw new BrokenPromiseException($"{result.Error} at {result.Offset} of {input.Bytes.Length} bytes");
    }
}
