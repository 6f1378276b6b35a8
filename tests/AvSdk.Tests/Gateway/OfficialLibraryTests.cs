using System.Text.Json;
using AvSdk.Tests.Mcap.Interop;

namespace AvSdk.Tests.Gateway;

/// <summary>What a gateway writes, read by the official library: a viewer uses the same.</summary>
public sealed class OfficialLibraryTests
{
    [Theory]
    [InlineData("", 2, 2)]
    [InlineData("?topic=/imu&topic=/gnss", 2, 1)]
    [InlineData("?topic=/imu", 2, 0)]
    public async Task An_export_copied_or_filtered_is_read_by_index_and_by_stream(string query, int imu, int others)
    {
        using TempFolder folder = new();
        SampleRecording drive = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(folder.At("data"));
        await gateway.UploadAsync(
            drive,
            drive.Chunk((drive.Imu, 0), (drive.Gnss, 0.5), (drive.Imu, 1)),
            drive.Chunk(300_000, (drive.Camera, 0.2)));
        byte[] export = await gateway.Http.GetByteArrayAsync(
            "/v1/export.mcap" + query, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder.At("export.mcap"), export, TestContext.Current.CancellationToken);

        await AssertReadAsync(folder.At("export.mcap"), imu, others);
    }

    [Fact]
    public async Task A_pack_with_our_private_records_is_read_by_index_and_by_stream()
    {
        using TempFolder folder = new();
        SampleRecording drive = new();
        await using (GatewayServer gateway = await GatewayServer.StartAsync(folder.Path))
            await gateway.UploadAsync(drive, drive.Chunk((drive.Imu, 0), (drive.Gnss, 0.5), (drive.Imu, 1)));

        await AssertReadAsync(folder.At("packs", "veh-1", drive.Id.ToString(), "000001.mcap"), 2, 1);
    }

    private static async Task AssertReadAsync(string path, int imu, int others)
    {
        JsonElement result = await OfficialReader.ReadAsync(path);
        foreach (string how in new[] { "indexed", "streamed" })
        {
            Dictionary<string, (long Count, string Hash)> topics = OfficialReader.Topics(result, how);
            Assert.Equal(imu, topics["/imu"].Count);
            Assert.Equal(others, topics.Where(topic => topic.Key != "/imu").Sum(topic => topic.Value.Count));
        }
    }
}
