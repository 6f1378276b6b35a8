namespace AvSdk.Recording.Ledger;

/// <summary>Messages of one channel that were dropped for one reason; both times 0: not known.</summary>
internal readonly record struct DropTally(ulong Messages, ulong FirstLogTime, ulong LastLogTime)
{
    public DropTally Plus(in DropTally other)
    {
        if (Messages == 0)
            return other;
        if (other.FirstLogTime == 0 && other.LastLogTime == 0)
            return this with { Messages = Messages + other.Messages };
        if (FirstLogTime == 0 && LastLogTime == 0)
            return other with { Messages = Messages + other.Messages };
        return new DropTally(
            Messages + other.Messages, Math.Min(FirstLogTime, other.FirstLogTime),
            Math.Max(LastLogTime, other.LastLogTime));
    }
}
