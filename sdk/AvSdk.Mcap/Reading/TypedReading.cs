using System.Runtime.CompilerServices;

namespace AvSdk.Mcap;

/// <summary>Enumerates cursors, decoding on the way; the cursor is disposed with the enumerator.</summary>
internal static class TypedReading
{
    public static IEnumerable<McapMessage<T>> Read<T>(Func<McapMessageCursor> open, McapDecoder<T> decoder)
    {
        using McapMessageCursor cursor = open();
        while (cursor.MoveNext())
            yield return Decode(cursor, decoder);
    }

    public static async IAsyncEnumerable<McapMessage<T>> ReadAsync<T>(
        Func<McapMessageCursor> open, McapDecoder<T> decoder,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        McapMessageCursor cursor = open();
        await using ConfiguredAsyncDisposable disposed = cursor.ConfigureAwait(false);
        while (await cursor.MoveNextAsync(cancellationToken).ConfigureAwait(false))
            yield return Decode(cursor, decoder);
    }

    private static McapMessage<T> Decode<T>(McapMessageCursor cursor, McapDecoder<T> decoder)
    {
        McapMessageView message = cursor.Current;
        return new McapMessage<T>(
            message.LogTime, message.PublishTime, message.Sequence, cursor.Channel, decoder(message));
    }
}
