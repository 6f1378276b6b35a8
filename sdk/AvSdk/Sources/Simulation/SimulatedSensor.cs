using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace AvSdk.Sources.Simulation;

/// <summary>One topic of the vehicle: when it has a message, and what the message says.</summary>
/// <param name="topic">Its topic.</param>
/// <param name="lane">Its lane.</param>
/// <param name="schema">What its messages are.</param>
internal abstract class SimulatedSensor(string topic, string lane, MessageDescriptor schema)
{
    public string Topic { get; } = topic;

    public string Lane { get; } = lane;

    public MessageDescriptor Schema { get; } = schema;

    /// <summary>Messages a second; 0 where they come when something happens.</summary>
    public abstract double Rate { get; }

    /// <summary>When the next message is due: ns since the drive began.</summary>
    public ulong Due { get; protected set; }

    /// <summary>Messages made so far, which is the sequence of the last one.</summary>
    public uint Made { get; private set; }

    /// <summary>Makes the message that is due and moves on to the next.</summary>
    /// <param name="scene">The world at <see cref="Due"/>.</param>
    public IMessage Make(in Scene scene)
    {
        IMessage message = Measure(scene, Made);
        Made++;
        Advance(Made);
        return message;
    }

    /// <param name="scene">The world now.</param>
    /// <param name="index">Of the message, from 0.</param>
    protected abstract IMessage Measure(in Scene scene, uint index);

    /// <summary>Sets <see cref="Due"/> for the message with this index.</summary>
    protected abstract void Advance(uint index);
}
