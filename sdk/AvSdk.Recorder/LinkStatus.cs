namespace AvSdk.Recording;

/// <summary>A link, at one moment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">Whether it is used.</param>
/// <param name="Class">The command's word while it is there; without one its name.</param>
/// <param name="Why">Why it is not used, or not for all; null: it is, or nothing keeps it from being.</param>
/// <param name="Until">When that ends by itself; null: not by itself.</param>
/// <param name="BytesToday">Bytes of messages that went over it today; after a crash, and those that were set aside.</param>
/// <param name="BytesThisMonth">The same of this month.</param>
/// <param name="LeftToday">What is left of the day's budget; null: it has none.</param>
/// <param name="LeftThisMonth">What is left of the month's; null: it has none.</param>
public sealed record LinkStatus(
    string Name, LinkState State, string Class, string? Why, DateTimeOffset? Until, long BytesToday, long BytesThisMonth,
    long? LeftToday, long? LeftThisMonth);

/// <summary>Whether a link is used.</summary>
public enum LinkState
{
    /// <summary>It is not there.</summary>
    Down = 0,

    /// <summary>It is there, and none of its windows is open.</summary>
    Closed,

    /// <summary>Its budget is used up.</summary>
    UsedUp,

    /// <summary>It could be used; another is preferred.</summary>
    Ready,

    /// <summary>It is used; <see cref="LinkStatus.Why"/> says if only for some.</summary>
    Used,
}
