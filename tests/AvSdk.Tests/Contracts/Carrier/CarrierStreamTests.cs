using AvSdk.Contracts.Carrier;

namespace AvSdk.Tests.Contracts.Carrier;

public sealed class CarrierStreamTests
{
    [Fact]
    public void The_header_is_24_bytes_as_written_down()
    {
        byte[] bytes = new byte[CarrierHeader.Bytes];
        CarrierHeader header = new(CarrierKind.Piece, 0x01020304, 0x1112131415161718, 0x2122232425262728);
        header.Write(bytes);
        Assert.Equal("0102000001020304" + "1112131415161718" + "2122232425262728", Convert.ToHexString(bytes));
        Assert.True(CarrierHeader.TryRead(bytes, out CarrierHeader read, out _));
        Assert.Equal(header, read);
    }

    [Fact]
    public void Every_truncation_and_every_other_version_or_kind_is_refused_with_a_reason()
    {
        byte[] bytes = new byte[CarrierHeader.Bytes];
        new CarrierHeader(CarrierKind.Message, 1, 2, 3).Write(bytes);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(CarrierHeader.TryRead(bytes.AsSpan(0, length), out _, out string problem));
            Assert.Contains($"{length} bytes", problem, StringComparison.Ordinal);
        }

        foreach ((int at, byte[] wrong) in new[] { (0, new byte[] { 0, 2, 255 }), (1, new byte[] { 0, 5, 255 }) })
        {
            foreach (byte value in wrong)
            {
                byte[] changed = [.. bytes];
                changed[at] = value;
                Assert.False(CarrierHeader.TryRead(changed, out _, out string problem));
                Assert.Contains($"byte {at}", problem, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_message_cut_at_every_place_is_joined_to_itself()
    {
        byte[] whole = [.. Enumerable.Range(0, 64).Select(static i => (byte)i)];
        for (int first = 0; first <= whole.Length; first++)
        {
            for (int second = first; second <= whole.Length; second++)
            {
                (CarrierStream sender, CarrierStream receiver) = (new(64), new(64));
                byte[]? joined = null;
                foreach ((CarrierKind kind, Range range) in new[]
                {
                    (CarrierKind.Piece, ..first), (CarrierKind.Piece, first..second), (CarrierKind.Message, second..),
                })
                {
                    Assert.Null(joined);
                    Assert.True(sender.TryNext(kind, out CarrierHeader header));
                    Assert.Equal(CarrierArrival.Next, receiver.Arrive(header, out _));
                    if (receiver.Take(kind, whole[range], out ReadOnlyMemory<byte> message, out string problem))
                        joined = message.ToArray();
                    Assert.Empty(problem);
                }

                Assert.Equal(whole, joined);
            }
        }
    }

    [Fact]
    public void A_message_longer_than_allowed_is_told_before_it_is_kept()
    {
        CarrierStream receiver = new(10);
        Assert.False(receiver.Take(CarrierKind.Piece, new byte[6], out _, out string problem));
        Assert.Empty(problem);
        Assert.False(receiver.Take(CarrierKind.Message, new byte[5], out _, out problem));
        Assert.Contains("longer than 10 bytes", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Duplicates_are_passed_over_and_a_gap_ends_the_stream()
    {
        CarrierStream receiver = new(10) { Key = 7 };
        Assert.Equal(CarrierArrival.Next, receiver.Arrive(new(CarrierKind.Message, 0, 0, 0), out _));
        Assert.Equal(CarrierArrival.Next, receiver.Arrive(new(CarrierKind.Message, 7, 1, 0), out _));
        Assert.Equal(CarrierArrival.Duplicate, receiver.Arrive(new(CarrierKind.Message, 0, 0, 0), out _));
        Assert.Equal(CarrierArrival.Duplicate, receiver.Arrive(new(CarrierKind.Message, 7, 1, 0), out _));
        Assert.Equal(CarrierArrival.Gap, receiver.Arrive(new(CarrierKind.Message, 7, 3, 0), out string problem));
        Assert.Contains("Publication 3 came, and 2 was next", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_another_key_is_a_stranger_and_the_first_gives_the_key()
    {
        CarrierStream receiver = new(10);
        Assert.Equal(CarrierArrival.Next, receiver.Arrive(new(CarrierKind.Message, 9, 0, 0), out _));
        Assert.Equal(9u, receiver.Key);
        Assert.Equal(CarrierArrival.Stranger, receiver.Arrive(new(CarrierKind.Message, 8, 0, 0), out _));
        Assert.Equal(CarrierArrival.Stranger, receiver.Arrive(new(CarrierKind.End, 8, ulong.MaxValue, 0), out _));
        Assert.Equal(CarrierArrival.Next, receiver.Arrive(new(CarrierKind.End, 9, ulong.MaxValue, 0), out _));
        Assert.Equal(CarrierArrival.Duplicate, receiver.Arrive(new(CarrierKind.Message, 9, 1, 0), out _));
    }

    [Fact]
    public void Nobody_has_more_than_a_window_under_way_and_words_open_it()
    {
        (CarrierStream sender, CarrierStream receiver) = (new(10) { Key = 3 }, new(10) { Key = 3 });
        for (int i = 0; i < CarrierStream.Window; i++)
        {
            Assert.True(sender.TryNext(CarrierKind.Message, out CarrierHeader header));
            Assert.Equal(CarrierArrival.Next, receiver.Arrive(header, out _));
        }

        Assert.False(sender.TryNext(CarrierKind.Message, out _));
        Assert.Equal(
            CarrierArrival.Wrong, receiver.Arrive(new(CarrierKind.Message, 3, CarrierStream.Window, 0), out _));
        for (int i = 1; i < CarrierStream.Window / 2; i++)
            receiver.Take(CarrierKind.Message, default, out _, out _);
        Assert.False(receiver.TryWord(out _));
        receiver.Take(CarrierKind.Message, default, out _, out _);
        Assert.True(receiver.TryWord(out CarrierHeader word));
        Assert.False(receiver.TryWord(out _));
        Assert.Equal(CarrierArrival.Word, sender.Arrive(word, out _));
        Assert.True(sender.TryNext(CarrierKind.Message, out _));
    }

    [Fact]
    public void Nobody_can_have_taken_what_was_not_sent()
    {
        CarrierStream sender = new(10) { Key = 3 };
        Assert.True(sender.TryNext(CarrierKind.Message, out _));
        Assert.Equal(CarrierArrival.Wrong, sender.Arrive(new(CarrierKind.Word, 3, 0, 2), out _));
    }
}
