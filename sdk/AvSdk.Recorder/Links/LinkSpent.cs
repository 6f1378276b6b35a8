namespace AvSdk.Recording.Links;

/// <summary>What a link has spent, and has left.</summary>
internal readonly record struct LinkSpent(
    long DayBytes, long MonthBytes, long? DayLeft, long? MonthLeft, long DayNumber, long MonthNumber);
