namespace AvSdk.Fuzz.Mcap;

/// <summary>Everything that reads MCAP.</summary>
public sealed class McapSubject(IReadOnlyList<McapSeed> seeds) : IFuzzSubject
{
    // Buffers that pools hand out whole, and the largest chunk that the limits allow, a few times over.
    private const long BytesMax = 16L << 20;

    public string Name => "mcap";

    public FuzzCase Make(FuzzRandom random) => McapMutator.Make(seeds, random);

    public void Try(FuzzCase input, FuzzRandom random)
    {
        McapInput made = (McapInput)input;
        Budget.Check("McapStreamReader", BytesMax, () => ReaderTargets.Stream(made, random));
        Budget.Check("McapIndexedReader", BytesMax, () => ReaderTargets.Indexed(made, random));
        Budget.Check("McapScan", BytesMax, () => ReaderTargets.Scan(made, random));
        Budget.Check("ChunkBody", BytesMax, () => ReaderTargets.Bodies(made, random));
        Budget.Check("McapRecovery", BytesMax, () => RecoveryTargets.Recover(made, random));
        Budget.Check("McapDoctor", BytesMax, () => RecoveryTargets.Check(made, random));
    }
}
