namespace AvSdk.Gateway.Index;

/// <summary>Unsigned times in SQLite's signed integers, in the same order: the top bit is flipped.</summary>
internal static class SqliteTime
{
    public static long Write(ulong time) => unchecked((long)(time ^ (1UL << 63)));

    public static ulong Read(long column) => unchecked((ulong)column) ^ (1UL << 63);
}
