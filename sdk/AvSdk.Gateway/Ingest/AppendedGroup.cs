using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using Commit = AvSdk.Gateway.Ingest.ChunkCommitter.Work.Commit;

namespace AvSdk.Gateway.Ingest;

/// <summary>Chunks that are appended; those of a recording whose pack failed are failures instead.</summary>
internal sealed class AppendedGroup(long begin)
{
    /// <summary>A timestamp of the time provider.</summary>
    public long Begin { get; } = begin;

    public List<(Commit Commit, PackLocation Location)> Appended { get; } = [];

    /// <summary>The packs that hold them.</summary>
    public Dictionary<Guid, IPackWriter> Writers { get; } = [];

    public Dictionary<Guid, (Exception Failure, List<Commit> Commits)> Failures { get; } = [];

    /// <summary>Appended, and stored by another gateway.</summary>
    public List<Commit> Superfluous { get; } = [];

    /// <summary>It was appended, and failed.</summary>
    public bool HasFailed(Commit commit) =>
        Failures.TryGetValue(commit.Recording.Id, out (Exception, List<Commit> Commits) failed)
        && failed.Commits.Contains(commit);

    public void Add(Guid recordingId, IPackWriter writer, List<(Commit Commit, PackLocation Location)> chunks)
    {
        Writers.Add(recordingId, writer);
        Appended.AddRange(chunks);
    }

    public void FailAll(Exception failure)
    {
        foreach (Guid recordingId in Writers.Keys.ToArray())
            Fail(recordingId, failure);
    }

    /// <summary>The recording's pack failed; nothing, if this group has nothing in it.</summary>
    public void Fail(Guid recordingId, Exception failure)
    {
        if (!Writers.Remove(recordingId))
            return;
        IEnumerable<Commit> commits = Appended.Select(static chunk => chunk.Commit);
        Fail(recordingId, failure, [.. commits.Where(commit => commit.Recording.Id == recordingId)]);
        Appended.RemoveAll(chunk => chunk.Commit.Recording.Id == recordingId);
    }

    public void Fail(Guid recordingId, Exception failure, List<Commit> commits) =>
        Failures.Add(recordingId, (failure, commits));
}
