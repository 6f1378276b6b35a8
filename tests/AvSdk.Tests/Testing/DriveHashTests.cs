using AvSdk.Testing;

namespace AvSdk.Tests.Testing;

public sealed class DriveHashTests
{
    [Fact]
    public void A_topics_hash_is_of_log_time_sequence_and_payload_little_endian()
    {
        using DriveHash hash = new();
        hash.Add("/a", 1, 2, "xy"u8);
        hash.Add("/b", 9, 9, default);

        byte[] expected = System.Security.Cryptography.SHA256.HashData(
            [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, (byte)'x', (byte)'y']);
        Assert.Equal(Convert.ToHexStringLower(expected), hash.Sha256Of("/a"));
        Assert.Equal(["/a", "/b"], hash.Topics);
        Assert.Equal((2UL, 2UL), (hash.Messages, hash.PayloadBytes));
    }

    [Fact]
    public void Differences_name_the_topic_and_what_differs()
    {
        using DriveHash left = new(), right = new();
        left.Add("/same", 1, 1, "x"u8);
        right.Add("/same", 1, 1, "x"u8);
        left.Add("/other", 1, 1, "x"u8);
        right.Add("/other", 1, 1, "y"u8);
        right.Add("/missing", 1, 1, "x"u8);

        Assert.Equal(
            [
                "/missing: 0 messages, expected 1",
                "/other: 1 messages as expected, but times, order or content differ",
            ],
            left.DifferencesFrom(right));
        Assert.Empty(left.DifferencesFrom(left));
    }

    [Fact]
    public void A_hash_may_be_asked_for_before_the_end()
    {
        using DriveHash all = new(), part = new();
        all.Add("/a", 1, 1, "x"u8);
        part.Add("/a", 1, 1, "x"u8);
        _ = part.Sha256Of("/a");
        all.Add("/a", 2, 2, "y"u8);
        part.Add("/a", 2, 2, "y"u8);
        Assert.Equal(all.Sha256Of("/a"), part.Sha256Of("/a"));
    }
}
