namespace AvSdk.Mqtt.Session;

/// <summary>
/// Publications in the order they were made. Those before the cursor were sent on this connection; a new connection
/// moves the cursor back to the first.
/// </summary>
internal sealed class PublicationList
{
    private Publication? _last;

    public int Count { get; private set; }

    public Publication? First { get; private set; }

    /// <summary>The next to be sent; null: none.</summary>
    public Publication? Cursor { get; private set; }

    public void Add(Publication publication)
    {
        publication.Previous = _last;
        publication.Next = null;
        if (_last is null)
            First = publication;
        else
            _last.Next = publication;
        _last = publication;
        Cursor ??= publication;
        Count++;
    }

    public void Remove(Publication publication)
    {
        if (Cursor == publication)
            Cursor = publication.Next;
        if (publication.Previous is null)
            First = publication.Next;
        else
            publication.Previous.Next = publication.Next;
        if (publication.Next is null)
            _last = publication.Previous;
        else
            publication.Next.Previous = publication.Previous;
        publication.Previous = publication.Next = null;
        Count--;
    }

    public void Advance() => Cursor = Cursor!.Next;

    public void Rewind() => Cursor = First;
}
