using Google.Protobuf.Reflection;

namespace AvSdk.Sources.Simulation;

/// <summary>A sensor with a fixed rate: message k comes at phase + k / rate, exactly.</summary>
internal abstract class PeriodicSensor : SimulatedSensor
{
    private readonly double _rate;
    private readonly ulong _phase;

    /// <param name="topic">Its topic.</param>
    /// <param name="lane">Its lane.</param>
    /// <param name="schema">What its messages are.</param>
    /// <param name="rate">Messages a second.</param>
    /// <param name="phase">When in its period it measures, from 0 to 1: sensors do not all fire at
    /// once.</param>
    protected PeriodicSensor(string topic, string lane, MessageDescriptor schema, double rate, double phase)
        : base(topic, lane, schema)
    {
        _rate = rate;
        _phase = (ulong)(phase / rate * 1e9);
        Due = _phase;
    }

    public override double Rate => _rate;

    protected override void Advance(uint index) => Due = _phase + (ulong)(index * 1e9 / _rate);
}
