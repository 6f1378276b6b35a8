using AvSdk.Gateway.Index;

namespace AvSdk.Tests.Gateway;

/// <summary>What an index knows of packs.</summary>
public abstract partial class ChunkIndexContract
{
    [Fact]
    public async Task Packs_are_numbered_and_known_as_open_until_they_are_sealed_or_removed()
    {
        Assert.Equal(1, await _index.OpenPackAsync(_drive.Id, 0, Ct));
        Assert.Equal(2, await _index.OpenPackAsync(_drive.Id, 0, Ct));
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await StoreAsync(chunk);

        Assert.Equal(
            [
                new OpenPack("veh-1", _drive.Id, 1, 1000 + chunk.Body.Length),
                new OpenPack("veh-1", _drive.Id, 2, 0),
            ],
            await _index.ListOpenPacksAsync(Ct));
        await _index.RemovePackAsync(_drive.Id, 1, Ct);
        Assert.NotNull(await _index.FindOpenPackAsync(_drive.Id, 1, Ct));
        await _index.SealPackAsync(_drive.Id, 1, Ct);
        await _index.NoteOpenPackAsync(_drive.Id, 1, Ct);
        await _index.RemovePackAsync(_drive.Id, 2, Ct);
        Assert.Empty(await _index.ListOpenPacksAsync(Ct));
        Assert.Null(await _index.FindOpenPackAsync(_drive.Id, 1, Ct));
        Assert.Equal(2, await _index.OpenPackAsync(_drive.Id, 0, Ct));
    }

    [Fact]
    public async Task A_pack_gets_a_number_above_those_in_the_index_and_in_the_store()
    {
        Assert.Equal(8, await _index.OpenPackAsync(_drive.Id, 7, Ct));
        Assert.Equal(9, await _index.OpenPackAsync(_drive.Id, 3, Ct));
    }
}
