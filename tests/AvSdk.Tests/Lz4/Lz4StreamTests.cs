using System.IO.Compression;
using AvSdk.Lz4;

namespace AvSdk.Tests.Lz4;

public class Lz4StreamTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_written_is_read(bool asynchronous)
    {
        byte[] content = SampleData.Make("mixed", 900_000);
        using MemoryStream frame = new();
        Lz4FrameOptions options = new() { BlockSize = Lz4BlockSize.Max64KiB };
        Lz4Stream writer = new(frame, options, content.Length, leaveOpen: true);
        foreach (byte[] part in content.Chunk(10_001))
        {
            if (asynchronous)
                await writer.WriteAsync(part, Ct);
            else
                writer.Write(part);
        }

        if (asynchronous)
            await writer.DisposeAsync();
        else
            writer.Dispose();

        frame.Position = 0;
        using MemoryStream decoded = new();
        await using Lz4Stream reader = new(frame, CompressionMode.Decompress);
        if (asynchronous)
            await reader.CopyToAsync(decoded, 3000, Ct);
        else
            reader.CopyTo(decoded, 3000);
        Assert.Equal(content, decoded.ToArray());
        Assert.True(reader.CanRead && !reader.CanWrite && !reader.CanSeek);
    }

    [Fact]
    public async Task The_command_reads_a_stream_of_unknown_length()
    {
        byte[] content = SampleData.Make("mixed", 900_000);
        using MemoryStream frame = new();
        await using (Lz4Stream writer = new(frame, CompressionMode.Compress, leaveOpen: true))
        {
            await writer.WriteAsync(content.AsMemory(0, 5), Ct);
            await writer.FlushAsync(Ct);
            await writer.WriteAsync(content.AsMemory(5), Ct);
        }

        Assert.Equal(content, await Lz4Command.RunAsync("-d -c", frame.ToArray()));
    }

    [Fact]
    public void Content_before_a_damage_is_given_out_and_then_the_error()
    {
        byte[] content = SampleData.Make("text", 1000);
        byte[] frames = [.. Lz4FrameTests.Compress(content, Lz4FrameOptions.Default), 1, 2, 3, 4, 5, 6, 7];
        using Lz4Stream reader = new(new MemoryStream(frames), CompressionMode.Decompress);
        byte[] decoded = new byte[2000];
        Assert.Equal(1000, reader.Read(decoded));
        Assert.Equal(content, decoded[..1000]);
        Lz4Exception exception = Assert.Throws<Lz4Exception>(() => reader.Read(decoded));
        Assert.Equal(Lz4Error.BadMagic, exception.Result.Error);
        Assert.Equal(frames.Length - 7, exception.Result.Offset);
        Assert.Equal(exception.Result.Message, exception.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(40)]
    public void An_input_that_ends_early_is_an_error(int cut)
    {
        byte[] frame = Lz4FrameTests.Compress(SampleData.Make("text", 1000), Lz4FrameOptions.Default);
        using Lz4Stream reader = new(new MemoryStream(frame[..cut]), CompressionMode.Decompress);
        Assert.Equal(0, reader.Read([]));
        Lz4Exception exception = Assert.Throws<Lz4Exception>(() => reader.CopyTo(Stream.Null));
        Assert.Equal(Lz4Error.Truncated, exception.Result.Error);
    }

    [Fact]
    public void After_a_failure_of_the_inner_stream_writing_is_refused()
    {
        FullDisk disk = new();
        Lz4Stream writer = new(disk, new Lz4FrameOptions { BlockSize = Lz4BlockSize.Max64KiB });
        Assert.Throws<IOException>(() => writer.Write(new byte[100_000]));
        Assert.Throws<InvalidOperationException>(() => writer.Write(new byte[1]));
        writer.Dispose();
        Assert.Equal(1, disk.Writes);
        Assert.False(disk.CanWrite);
    }

    [Fact]
    public void A_reader_does_not_write_and_a_writer_does_not_read()
    {
        using Lz4Stream reader = new(new MemoryStream(), CompressionMode.Decompress);
        using Lz4Stream writer = new(new MemoryStream(), CompressionMode.Compress);
        Assert.Throws<NotSupportedException>(() => reader.Write([1]));
        Assert.Throws<NotSupportedException>(() => writer.Read(new byte[1]));
        Assert.Throws<NotSupportedException>(() => reader.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => reader.Length);
    }

    private sealed class FullDisk : MemoryStream
    {
        public int Writes { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Writes++;
            throw new IOException("No space left on device");
        }
    }
}
