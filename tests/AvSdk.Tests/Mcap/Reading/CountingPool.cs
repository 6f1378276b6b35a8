using System.Buffers;

namespace AvSdk.Tests.Mcap.Reading;

/// <summary>Hands out arrays of exactly the length asked for, and knows how many bytes are out.</summary>
internal sealed class CountingPool : ArrayPool<byte>
{
    private long _rented;
    private long _rentedMax;

    public long Rented => Interlocked.Read(ref _rented);

    public long RentedMax => Interlocked.Read(ref _rentedMax);

    public override byte[] Rent(int minimumLength)
    {
        long rented = Interlocked.Add(ref _rented, minimumLength);
        long max;
        while ((max = Interlocked.Read(ref _rentedMax)) < rented)
            Interlocked.CompareExchange(ref _rentedMax, rented, max);
        return new byte[minimumLength];
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        // What is used after it was given back is seen as wrong.
        array.AsSpan().Fill(0xEE);
        Interlocked.Add(ref _rented, -array.Length);
    }
}
