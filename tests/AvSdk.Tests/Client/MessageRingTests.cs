using System.Buffers.Binary;
using AvSdk.Ingestion;
using AvSdk.Mcap;
using AvSdk.Recording;
using FsCheck;
using FsCheck.Fluent;

namespace AvSdk.Tests.Client;

public sealed class MessageRingTests
{
    private const int Channels = 3;

    // Writes of any size, sendings, reconnections and durable positions in any order.
    private static readonly Gen<Step[]> Steps =
        from steps in Gen.ListOf(
            from kind in Gen.Frequency(
                (8, Gen.Constant(Kind.Write)), (4, Gen.Constant(Kind.Send)), (1, Gen.Constant(Kind.Reconnect)),
                (3, Gen.Constant(Kind.Durable)))
            from channel in Gen.Choose(0, Channels - 1)
            from bytes in Gen.OneOf(Gen.Choose(0, 300), Gen.Choose(3000, 20_000))
            select new Step(kind, channel, bytes), 200)
        select steps.ToArray();

    private enum Kind
    {
        Write,
        Send,
        Reconnect,
        Durable,
    }

    [Fact]
    public void Whatever_happens_each_channel_arrives_in_order_without_a_gap() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Steps.ToArbitrary(), steps =>
        {
            using MessageRing ring = new(128 << 10);
            Receiver receiver = new();
            ulong[] written = new ulong[Channels];
            foreach (Step step in steps)
            {
                switch (step.Kind)
                {
                    case Kind.Write:
                        if (Write(ring, step.Channel, written[step.Channel] + 1, step.Bytes))
                            written[step.Channel]++;
                        break;
                    case Kind.Send:
                        receiver.TakeOne(ring);
                        break;
                    case Kind.Reconnect:
                        ring.Rewind();
                        receiver.Reconnect();
                        break;
                    default:
                        ring.SetDurable(step.Channel, receiver.Accepted[step.Channel]);
                        break;
                }

                Assert.True(ring.HeldBytes <= 128 << 10);
            }

            RingMark all = ring.Mark();
            while (receiver.TakeOne(ring))
            {
            }

            Assert.True(ring.HasGiven(all));
            Assert.Equal(written, receiver.Accepted);
            for (int channel = 0; channel < Channels; channel++)
                ring.SetDurable(channel, receiver.Accepted[channel]);
            Assert.Equal(0UL, ring.Undurable);
            Assert.InRange(ring.HeldBytes, 0, 32 << 10);
            return true;
        }));

    [Fact]
    public void A_large_message_frees_its_memory_though_a_small_one_beside_it_waits()
    {
        using MessageRing ring = new(4 << 20);
        Assert.True(Write(ring, 0, 1, 100));
        for (ulong image = 1; image <= 20; image++)
        {
            Assert.True(Write(ring, 1, image, 900_000));
            Assert.True(Write(ring, 0, image + 1, 100));
            ring.SetDurable(1, image);
        }

        Assert.Equal(21UL, ring.Undurable);
        Assert.InRange(ring.HeldBytes, 1, 256 << 10);
    }

    private static bool Write(MessageRing ring, int channel, ulong ordinal, int bytes) =>
        ring.TryWrite(channel, ordinal, new MessageStamp(ordinal, ordinal, (uint)ordinal), bytes, bytes,
            static (_, payload) => payload.Fill(7));

    private readonly record struct Step(Kind Kind, int Channel, int Bytes);

    /// <summary>The agent's end: passes over what it has, and takes no gap.</summary>
    private sealed class Receiver
    {
        private readonly ulong[] _next = new ulong[Channels];

        public ulong[] Accepted { get; } = new ulong[Channels];

        public void Reconnect() => Array.Clear(_next);

        public bool TakeOne(MessageRing ring)
        {
            if (!ring.TryGive(Channels, out RingBatch batch))
                return false;
            if (batch.Jump is { } jump)
            {
                Assert.True(jump.Ordinal <= Accepted[jump.Channel] + 1, "there is a gap");
                _next[jump.Channel] = jump.Ordinal;
            }

            ReadOnlySpan<byte> rest = batch.Records.Span;
            while (!rest.IsEmpty)
            {
                McapReadStatus status = McapRecordReader.TryRead(rest, McapLimits.Default, out McapRecordView record);
                Assert.Equal((McapReadStatus.Ok, McapOpcode.Message), (status, record.Opcode));
                int channel = BinaryPrimitives.ReadUInt16LittleEndian(record.Content) - 1;
                ulong ordinal = BinaryPrimitives.ReadUInt64LittleEndian(record.Content[6..]);
                Assert.Equal(_next[channel]++, ordinal);
                Accepted[channel] = Math.Max(Accepted[channel], ordinal);
                rest = rest[(int)record.TotalBytes..];
            }

            ring.GiveBack(batch);
            return true;
        }
    }
}
