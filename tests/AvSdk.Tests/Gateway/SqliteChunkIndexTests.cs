using AvSdk.Gateway.Index;
using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace AvSdk.Tests.Gateway;

public sealed class SqliteChunkIndexTests : ChunkIndexContract
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_file_that_is_no_index_is_refused_with_the_remedy()
    {
        using TempFolder folder = new();
        await File.WriteAllTextAsync(
            folder.At("bad.db"), new string('x', 5000), TestContext.Current.CancellationToken);
        await using SqliteChunkIndex index = new(folder.At("bad.db"));

        IOException refused = await Assert.ThrowsAsync<IOException>(
            async () => await index.OpenAsync(TestContext.Current.CancellationToken));

        Assert.Contains("rebuild it from the packs", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_of_a_newer_gateway_is_left_alone()
    {
        using TempFolder folder = new();
        await using (SqliteConnection newer = new($"Data Source={folder.At("new.db")};Pooling=False"))
        {
            await newer.OpenAsync(TestContext.Current.CancellationToken);
            await using SqliteCommand command = newer.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using SqliteChunkIndex index = new(folder.At("new.db"));
        IOException refused = await Assert.ThrowsAsync<IOException>(
            async () => await index.OpenAsync(TestContext.Current.CancellationToken));

        Assert.Contains("layout 99", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_of_the_gateway_before_is_brought_up_in_place()
    {
        using TempFolder folder = new();
        CancellationToken ct = TestContext.Current.CancellationToken;
        SampleRecording drive = new();
        await using (SqliteConnection older = new($"Data Source={folder.At("old.db")};Pooling=False"))
        {
            await older.OpenAsync(ct);
            await using SqliteCommand command = older.CreateCommand();
            command.CommandText = SqliteSchema.Create + "PRAGMA user_version = 1;"
                + $"INSERT INTO recordings(uuid, vehicle, info) VALUES('{drive.Id:D}', 'veh-1', $info);";
            command.Parameters.AddWithValue("$info", drive.Info.ToByteArray());
            await command.ExecuteNonQueryAsync(ct);
        }

        await using SqliteChunkIndex index = new(folder.At("old.db"));
        await index.OpenAsync(ct);
        Assert.Equal(drive.Info, (await index.FindRecordingAsync(drive.Id, ct))!.Info);
        Assert.Empty((await index.NoteLedgerAsync(new SampleLedger(drive).Tell(1, 1), ct)).Refused);
        await index.OpenAsync(ct);
        Assert.Single((await index.ReadLedgerAsync(drive.Id, ct))!.Entries);
    }

    protected override IChunkIndex Create() => new SqliteChunkIndex(_folder.At("index.db"));

    protected override void Remove() => _folder.Dispose();
}
