namespace AvSdk.Ingestion;

/// <summary>
/// Which connection a source is on. A client that connects again takes its source over: the connection before
/// is ended, and waited for, so that two never count one source's messages at a time.
/// </summary>
internal sealed class SourceOwners
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Owner> _owners = [];

    public async ValueTask TakeOverAsync(
        Guid sourceId, IngestConnection connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            Owner? before;
            lock (_gate)
            {
                if (!_owners.TryGetValue(sourceId, out before))
                {
                    _owners.Add(sourceId, new Owner(connection));
                    return;
                }
            }

            if (before.Connection == connection)
                return;
            before.Connection.End();
            await before.Released.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Release(Guid sourceId, IngestConnection connection)
    {
        Owner? owner;
        lock (_gate)
        {
            if (!_owners.TryGetValue(sourceId, out owner) || owner.Connection != connection)
                return;
            _owners.Remove(sourceId);
        }

        owner.Released.TrySetResult();
    }

    private sealed class Owner(IngestConnection connection)
    {
        public IngestConnection Connection { get; } = connection;

        public TaskCompletionSource Released { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
