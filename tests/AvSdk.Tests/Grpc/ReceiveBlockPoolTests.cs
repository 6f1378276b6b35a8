using System.Buffers;
using AvSdk.Grpc.Server;
using AvSdk.Grpc.Server.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace AvSdk.Tests.Grpc;

/// <summary>The blocks that Kestrel receives into.</summary>
public sealed class ReceiveBlockPoolTests
{
    private const int BlockBytes = 64 << 10;

    [Fact]
    public void A_block_that_was_returned_twice_is_lent_once()
    {
        using ReceiveBlockPool pool = new(BlockBytes);
        IMemoryOwner<byte> block = pool.Rent();
        Assert.Equal(BlockBytes, block.Memory.Length);
        block.Dispose();
        block.Dispose();
        Assert.Equal(1, pool.Free);
        Assert.Same(block, pool.Rent(BlockBytes));
        Assert.NotSame(block, pool.Rent());
    }

    [Fact]
    public void More_than_a_block_is_not_to_be_had()
    {
        using ReceiveBlockPool pool = new(BlockBytes);
        Assert.Equal(BlockBytes, pool.MaxBufferSize);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(BlockBytes + 1));
    }

    [Fact]
    public void No_more_than_the_limit_is_kept()
    {
        using ReceiveBlockPool pool = new(BlockBytes);
        int most = ReceiveBlockPool.KeptBytesMax / BlockBytes;
        IMemoryOwner<byte>[] blocks = [.. Enumerable.Range(0, most + 3).Select(_ => pool.Rent())];
        foreach (IMemoryOwner<byte> block in blocks)
            block.Dispose();
        Assert.Equal(most, pool.Free);
    }

    [Fact]
    public void Blocks_that_are_lent_when_the_pool_ends_are_nobodys_afterwards()
    {
        ReceiveBlockPool pool = new(BlockBytes);
        IMemoryOwner<byte> block = pool.Rent();
        pool.Dispose();
        block.Memory.Span.Fill(1);
        block.Dispose();
        Assert.Equal(0, pool.Free);
        Assert.Throws<ObjectDisposedException>(() => pool.Rent());
    }

    [Fact]
    public void A_host_that_asks_for_them_gets_them()
    {
        using ServiceProvider services = new ServiceCollection().AddGrpcReceiveBlocks(BlockBytes).BuildServiceProvider();
        using MemoryPool<byte> pool = services.GetRequiredService<IMemoryPoolFactory<byte>>().Create(null);
        Assert.Equal(BlockBytes, pool.MaxBufferSize);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServiceCollection().AddGrpcReceiveBlocks(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServiceCollection().AddGrpcReceiveBlocks(2 << 20));
    }
}
