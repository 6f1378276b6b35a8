using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Recording.Spool;
using AvSdk.Recording.Uplink;

namespace AvSdk.Simulation.Mutants;

/// <summary>Every way in which the product is broken to see whether the simulator notices.</summary>
internal static class AllMutants
{
    public static IReadOnlyList<Mutant> List { get; } =
    [
        new("receipt-before-row")
        {
            Index = static (world, index) => Intercept<IChunkIndex>.On(index, nameof(IChunkIndex.StoreAsync), (args, call) =>
            {
                // The row follows when there is time.
                IReadOnlyList<StoredChunk> chunks = (IReadOnlyList<StoredChunk>)args[0]!;
                world.WhileGatewayLives(TimeSpan.FromSeconds(2), () => _ = Settle(call));
                return new ValueTask<IReadOnlyList<StoreOutcome>>([.. chunks.Select(static _ => StoreOutcome.Stored)]);
            }),
        },
        new("receipt-before-bytes")
        {
            Store = static (_, store) => OnWriter(store, nameof(IPackWriter.FlushAsync), static (_, _) => ValueTask.CompletedTask),
        },
        new("failed-flush-taken-for-good")
        {
            Files = static (_, files) => new BrokenFiles(files, static (_, file) => new BrokenFlush(file, static flush =>
            {
                try
                {
                    flush();
                }
                catch (IOException)
                {
                    // Nobody need know.
                }
            })),
        },
        new("segments-never-flushed")
        {
            Files = static (_, files) => new BrokenFiles(files, static (name, file) =>
                IsSegment(name) ? new BrokenFlush(file, static _ => { }) : file),
        },
        new("journal-never-flushed")
        {
            // So what sources were told, and which chunks are delivered, may be forgotten after their segments are deleted.
            Files = static (_, files) => new BrokenFiles(files, static (name, file) =>
                name.StartsWith("journal", StringComparison.Ordinal) ? new BrokenFlush(file, static _ => { }) : file),
        },
        new("ledger-never-flushed")
        {
            Files = static (_, files) => new BrokenFiles(files, static (name, file) =>
                name.Contains(".ledger", StringComparison.Ordinal) ? new BrokenFlush(file, static _ => { }) : file),
        },
        new("segment-deleted-in-silence") { Files = static (world, files) => DeletesNeighbour(world, files) },
        new("torn-segment-sealed") { Files = static (_, files) => SealsBeforeReading(files) },
        new("receipt-without-gateway")
        {
            Uplink = static (_, uplink) => OnSession(uplink, static session => new SelfReceipts(session)),
        },
        new("link-that-falls-silent")
        {
            Uplink = static (_, uplink) => OnSession(uplink, static session => new Silent(session)),
        },
        new("no-dedupe") { Index = static (world, index) => Forgetful(world, index), Catalogue = static (world, index) => WithExtras(world, index) },
        new("sequences-swapped") { Catalogue = static (_, index) => Swapped(index) },
        new("bit-flipped-in-store")
        {
            Store = static (_, store) => Intercept<IPackStore>.On(store, nameof(IPackStore.ReadAsync), static (args, call) =>
                FlipAsync((long)args[1]!, (Memory<byte>)args[2]!, (ValueTask)call()!)),
        },
        new("memory-over-its-bound")
        {
            Options = static options => options with { MemoryBytesMax = options.MemoryBytesMax * 4 },
        },
        new("ledger-forgets-a-drop")
        {
            Ledger = static ledger => new LedgerSummary([.. ledger.Topics.Select(static topic =>
                topic with { Drops = topic.Drops.Where(static drop => drop.Value > 1).ToDictionary() })]),
        },
    ];

    public static Mutant Find(string name) => List.Prepend(Mutant.None).FirstOrDefault(mutant => mutant.Name == name)
        ?? throw new ArgumentException(
            $"There is no mutant {name}; there are {string.Join(", ", List.Select(static mutant => mutant.Name))}.");

    private static bool IsSegment(string name) => name.EndsWith(".mcap", StringComparison.Ordinal);

    private static async Task Settle(Func<object?> call)
    {
        try
        {
            await (ValueTask<IReadOnlyList<StoreOutcome>>)call()!;
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // Too late.
        }
    }

    private static IPackStore OnWriter(IPackStore store, string method, Func<object?[], Func<object?>, object?> instead) =>
        Intercept<IPackStore>.On(store, nameof(IPackStore.CreateAsync), (_, call) =>
        {
            async ValueTask<IPackWriter> CreateAsync() =>
                Intercept<IPackWriter>.On(await (ValueTask<IPackWriter>)call()!, method, instead);
            return CreateAsync();
        });

    private static IUplink OnSession(IUplink uplink, Func<IUplinkSession, IUplinkSession> wrap) =>
        Intercept<IUplink>.On(uplink, nameof(IUplink.ConnectAsync), (_, call) =>
        {
            async ValueTask<IUplinkSession> ConnectAsync() => wrap(await (ValueTask<IUplinkSession>)call()!);
            return ConnectAsync();
        });

    private static BrokenFiles DeletesNeighbour(World world, ISpoolFiles files)
    {
        int created = 0;
        return new BrokenFiles(files, static (_, file) => file)
        {
            Creating = name =>
            {
                if (!IsSegment(name) || ++created % 3 != 0)
                    return;
                string? victim = files.List().Select(static entry => entry.Name).FirstOrDefault(IsSegment);
                if (victim is not null)
                    files.Delete(victim);
            },
        };
    }

    // As if no hash were checked: what another recorder left is taken for whole.
    private static BrokenFiles SealsBeforeReading(ISpoolFiles files)
    {
        HashSet<string> known = new(StringComparer.Ordinal);
        return new(files, static (_, file) => file)
        {
            Creating = name => known.Add(name),
            Opening = name =>
            {
                if (!IsSegment(name) || !known.Add(name))
                    return;
                using ISpoolFile file = files.Open(name);
                if (!McapScan.TryRun(new SpoolFileSource(file), SegmentWriter.Options.Limits, out McapScan? scan, out _)
                    || scan.IsSealed || scan.Chunks.Count == 0)
                {
                    return;
                }

                file.Truncate(scan.EndOfWholeRecords);
                SegmentSink sink = new(file);
                using (McapWriter writer = McapWriter.Continue(sink, scan.CutAt(scan.EndOfWholeRecords), SegmentWriter.Options))
                    writer.Finish();
                sink.Flush();
            },
        };
    }

    private static IChunkIndex Forgetful(World world, IChunkIndex index)
    {
        IChunkIndex forgets = Intercept<IChunkIndex>.On(index, nameof(IChunkIndex.FindChunksAsync), (_, call) =>
        {
            async ValueTask<IReadOnlyList<IndexedChunk?>> FindAsync() =>
                [.. (await (ValueTask<IReadOnlyList<IndexedChunk?>>)call()!)
                    .Select(static row => row is null ? null : row with { Ordinal = null, Location = null })];
            return FindAsync();
        });
        return Intercept<IChunkIndex>.On(forgets, nameof(IChunkIndex.StoreAsync), (args, call) =>
        {
            async ValueTask<IReadOnlyList<StoreOutcome>> StoreAsync()
            {
                IReadOnlyList<StoredChunk> chunks = (IReadOnlyList<StoredChunk>)args[0]!;
                IReadOnlyList<StoreOutcome> outcomes = await (ValueTask<IReadOnlyList<StoreOutcome>>)call()!;
                for (int at = 0; at < chunks.Count; at++)
                {
                    if (outcomes[at] == StoreOutcome.AlreadyStored)
                        world.Extras.Add(chunks[at]);
                }

                return [.. outcomes.Select(static _ => StoreOutcome.Stored)];
            }

            return StoreAsync();
        });
    }

    private static IChunkIndex WithExtras(World world, IChunkIndex index) =>
        Intercept<IChunkIndex>.On(index, nameof(IChunkCatalogue.ReadStoredAsync), (_, call) =>
        {
            async IAsyncEnumerable<IndexedChunk> ReadAsync()
            {
                await foreach (IndexedChunk chunk in (IAsyncEnumerable<IndexedChunk>)call()!)
                {
                    yield return chunk;
                    foreach (StoredChunk extra in world.Extras.Where(extra => ChunkKey.From(extra.Header.Ref) == chunk.Key))
                        yield return chunk with { Location = extra.Location };
                }
            }

            return ReadAsync();
        });

    private static IChunkIndex Swapped(IChunkIndex index) =>
        Intercept<IChunkIndex>.On(index, nameof(IChunkCatalogue.ReadStoredAsync), (_, call) =>
        {
            async IAsyncEnumerable<IndexedChunk> ReadAsync()
            {
                await foreach (IndexedChunk chunk in (IAsyncEnumerable<IndexedChunk>)call()!)
                {
                    ChunkHeader header = chunk.Header.Clone();
                    header.Ref.Sequence = ((header.Ref.Sequence - 1) ^ 1) + 1;
                    yield return chunk with { Header = header };
                }
            }

            return ReadAsync();
        });

    private static async ValueTask FlipAsync(long offset, Memory<byte> destination, ValueTask reading)
    {
        await reading;
        if (offset % 16 == 3)
            destination.Span[destination.Length / 2] ^= 4;
    }
}
