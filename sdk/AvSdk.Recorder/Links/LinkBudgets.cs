// What each link has spent, in the file `links` of the spool, which is written anew and renamed into place:
//
//   links 1
//   NAME DAY BYTES SECONDS MONTH BYTES SECONDS        a line a link; DAY counts from 0001-01-01, MONTH is year * 12 + month
//   sha256 HEX                                        of all before
//
// Crash    Bytes are written down before they are spent, in slabs of a 64th of the budget. What was written down and not
//          spent is lost by a crash, and given back by an orderly end.
// Clock    See SpendPeriod: a clock that is set back gives no budget twice.
// Damage   A file that is not whole counts as none, and is said in the log.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AvSdk.Recording.Spool;
using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Links;

/// <summary>What links have spent, over restarts. Safe for any number of threads.</summary>
internal sealed class LinkBudgets
{
    public const string FileName = "links";
    private const string NewFileName = "links.new";
    private const long SlabBytesMin = 64 << 10;
    private const long SlabBytesMax = 64 << 20;
    private const int BytesMax = 64 << 10;

    private readonly Lock _gate = new();
    private readonly ISpoolFiles _files;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly List<LinkSpending> _links = [];
    private bool _isRead;

    public LinkBudgets(ISpoolFiles files, TimeProvider time, ILogger log)
    {
        _files = files;
        _time = time;
        _log = log;
    }

    /// <summary>What a link has spent in this day and month; false: the disk does not say.</summary>
    public bool TryRead(LinkOptions link, TimeSpan utcOffset, out LinkSpent spent)
    {
        lock (_gate)
        {
            spent = default;
            if (Find(link.Name, utcOffset) is not { } found)
                return false;
            spent = new LinkSpent(
                found.Day.Bytes, found.Month.Bytes, link.BytesPerDay is { } day ? found.Day.Left(day) : null,
                link.BytesPerMonth is { } month ? found.Month.Left(month) : null, found.Day.Number, found.Month.Number);
            return true;
        }
    }

    /// <summary>
    /// Spends bytes. False: they do not fit into what is left, which is then used up; or the disk does not take them down.
    /// </summary>
    /// <param name="link">The link.</param>
    /// <param name="utcOffset">The clock of its days.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="isBeyond">Whether they may go beyond the budget.</param>
    public bool TrySpend(LinkOptions link, TimeSpan utcOffset, long bytes, bool isBeyond)
    {
        lock (_gate)
        {
            if (Find(link.Name, utcOffset) is not { } found)
                return link is { BytesPerDay: null, BytesPerMonth: null };
            if (!isBeyond && !(Fits(found.Day, link.BytesPerDay, bytes) & Fits(found.Month, link.BytesPerMonth, bytes)))
                return false;
            if (found.Day.Bytes + bytes > found.Day.ReservedBytes || found.Month.Bytes + bytes > found.Month.ReservedBytes)
            {
                long slab = SlabOf(link);
                Reserve(found.Day, link.BytesPerDay, bytes, slab);
                Reserve(found.Month, link.BytesPerMonth, bytes, slab);
                if (!TryWrite() && link is not { BytesPerDay: null, BytesPerMonth: null })
                {
                    found.Day.ReservedBytes = found.Day.Bytes;
                    found.Month.ReservedBytes = found.Month.Bytes;
                    return false;
                }
            }

            found.Day.Bytes += bytes;
            found.Month.Bytes += bytes;
            return true;
        }
    }

    /// <summary>An orderly end: what was set aside and not spent is given back.</summary>
    public void Close()
    {
        lock (_gate)
        {
            if (_links.Count == 0)
                return;
            foreach (LinkSpending link in _links)
            {
                link.Day.ReservedBytes = link.Day.Bytes;
                link.Month.ReservedBytes = link.Month.Bytes;
            }

            TryWrite();
        }
    }

    /// <summary>The moment at which the day, or the month, of a number is over.</summary>
    public static DateTimeOffset EndOfDay(long number, TimeSpan utcOffset) =>
        new(DateOnly.FromDayNumber((int)number).AddDays(1).ToDateTime(TimeOnly.MinValue), utcOffset);

    /// <inheritdoc cref="EndOfDay"/>
    public static DateTimeOffset EndOfMonth(long number, TimeSpan utcOffset) =>
        new(new DateTime((int)(number / 12), (int)(number % 12) + 1, 1).AddMonths(1), utcOffset);

    private static bool Fits(SpendPeriod period, long? limit, long bytes)
    {
        if (limit is null || period.Left(limit.Value) >= bytes)
            return true;
        period.IsUsedUp = true;
        return false;
    }

    private static long SlabOf(LinkOptions link) => Math.Clamp(
        Math.Min(link.BytesPerDay ?? long.MaxValue, link.BytesPerMonth ?? long.MaxValue) / 64, SlabBytesMin, SlabBytesMax);

    // As far as the budget goes; what is beyond it, alone.
    private static void Reserve(SpendPeriod period, long? limit, long bytes, long slab) => period.ReservedBytes = Math.Max(
        period.Bytes + bytes, Math.Min(period.Bytes + bytes + slab, limit ?? long.MaxValue));

    private LinkSpending? Find(string name, TimeSpan utcOffset)
    {
        if (!_isRead && !TryReadFile())
            return null;
        LinkSpending? found = _links.Find(link => link.Name == name);
        if (found is null)
            _links.Add(found = new LinkSpending(name) { SeenAt = _time.GetTimestamp() });
        long now = _time.GetTimestamp();
        TimeSpan elapsed = _time.GetElapsedTime(found.SeenAt, now);
        found.SeenAt = now;
        DateTime today = (_time.GetUtcNow() + utcOffset).UtcDateTime;
        found.Day.Roll(DateOnly.FromDateTime(today).DayNumber, elapsed);
        found.Month.Roll((today.Year * 12L) + today.Month - 1, elapsed);
        return found;
    }

    private bool TryWrite()
    {
        StringBuilder text = new("links 1\n");
        foreach (LinkSpending link in _links)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{link.Name} {link.Day.Number} {link.Day.ReservedBytes} {(long)link.Day.Run.TotalSeconds} ");
            text.Append(CultureInfo.InvariantCulture,
                $"{link.Month.Number} {link.Month.ReservedBytes} {(long)link.Month.Run.TotalSeconds}\n");
        }

        string hash = HashOf(text.ToString());
        text.Append("sha256 ").Append(hash).Append('\n');
        try
        {
            _files.Delete(NewFileName);
            using (ISpoolFile file = _files.Create(NewFileName))
            {
                file.Append(Encoding.UTF8.GetBytes(text.ToString()));
                file.Flush();
            }

            _files.Rename(NewFileName, FileName);
            return true;
        }
        catch (IOException error)
        {
            LinkLog.CannotWrite(_log, FileName, error);
            return false;
        }
    }

    private bool TryReadFile()
    {
        try
        {
            using ISpoolFile file = _files.Open(FileName);
            byte[] bytes = new byte[Math.Min(file.LengthBytes, BytesMax)];
            int length = file.Read(0, bytes);
            if (!TryParse(Encoding.UTF8.GetString(bytes, 0, length)))
            {
                _links.Clear();
                LinkLog.Damaged(_log, FileName);
            }
        }
        catch (FileNotFoundException)
        {
            // Nothing was spent yet.
        }
        catch (IOException error)
        {
            LinkLog.CannotRead(_log, FileName, error);
            return false;
        }

        _isRead = true;
        return true;
    }

    private bool TryParse(string text)
    {
        int end = text.LastIndexOf("sha256 ", StringComparison.Ordinal);
        if (end < 0 || text[end..].TrimEnd() != $"sha256 {HashOf(text[..end])}")
            return false;
        foreach (string line in text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries).AsSpan(1))
        {
            string[] fields = line.Split(' ');
            if (fields.Length != 7)
                return false;
            long[] numbers = new long[6];
            for (int at = 0; at < numbers.Length; at++)
            {
                if (!long.TryParse(fields[at + 1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[at]))
                    return false;
            }

            LinkSpending link = new(fields[0]) { SeenAt = _time.GetTimestamp() };
            link.Day.Restore(numbers[0], numbers[1], TimeSpan.FromSeconds(numbers[2]));
            link.Month.Restore(numbers[3], numbers[4], TimeSpan.FromSeconds(numbers[5]));
            _links.Add(link);
        }

        return true;
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
