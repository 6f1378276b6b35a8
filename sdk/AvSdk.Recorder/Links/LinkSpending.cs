namespace AvSdk.Recording.Links;

/// <summary>What a link has spent. The <see cref="LinkBudgets"/>', under their gate.</summary>
internal sealed class LinkSpending(string name)
{
    public string Name { get; } = name;

    public SpendPeriod Day { get; } = new(TimeSpan.FromDays(1));

    public SpendPeriod Month { get; } = new(TimeSpan.FromDays(31));

    /// <summary>When it was last looked at, a timestamp of the clock.</summary>
    public long SeenAt { get; set; }
}
