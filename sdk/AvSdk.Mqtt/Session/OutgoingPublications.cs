using AvSdk.Mqtt.Packets;

namespace AvSdk.Mqtt.Session;

/// <summary>
/// What this end publishes: in order, bounded by the server's receive maximum (MQTT 5, section 4.9), sent again on
/// the next connection (4.4). Sans-I/O; whoever calls holds the session's lock.
/// </summary>
/// <remarks>
/// One list holds what waits and what is under way. On a connection that resumes the session the cursor goes back to
/// its first: PUBLISH with DUP for what was not answered, PUBREL for what was received (4.4-1), then what waits.
/// Where the server lost the session, the same list is sent as new.
/// </remarks>
internal sealed class OutgoingPublications(PacketIds ids, Queue<AckPacket> acks)
{
    // Payloads up to this are copied behind their head, so that many small packets are one write.
    private const int CopiedBytesMax = 16 * 1024;

    private readonly PublicationList _list = new();
    private readonly Dictionary<ushort, Publication> _underWay = [];
    private MqttServerCapabilities _server = new();
    private OutgoingTopicAliases _aliases = new(0);
    private int _quota;
    private int _beingWritten;

    /// <summary>Whether anything waits to be written, or is being written.</summary>
    public bool HasUnwritten => _beingWritten > 0 || _list.Cursor is not null;

    public int Count => _list.Count;

    /// <summary>Whether the server owes an answer.</summary>
    public bool AwaitsAnswer => _underWay.Count > 0;

    /// <summary>Whether <see cref="Encode"/> has something to do.</summary>
    public bool CanSend => _list.Cursor is { } next
        && (!NeedsQuota(next) || (_quota > 0 && (next.PacketId != 0 || ids.UsedCount < PacketIds.Max)));

    public void Add(Publication publication) => _list.Add(publication);

    public void Attach(MqttServerCapabilities server, int aliasMaximum, bool sessionPresent)
    {
        _server = server;
        _quota = server.ReceiveMaximum;
        _aliases = new OutgoingTopicAliases(Math.Min(aliasMaximum, server.TopicAliasMaximum));
        for (Publication? at = _list.First; at is not null;)
        {
            Publication publication = at;
            at = at.Next;
            publication.HoldsQuota = false;
            if (sessionPresent)
                Resume(publication);
            else
                StartAnew(publication);
        }

        _list.Rewind();
    }

    /// <summary>Ends all: no session carries them on.</summary>
    public void EndAll()
    {
        while (_list.First is { } publication)
        {
            bool wasSent = publication.State != PublicationState.Waiting;
            End(publication, new MqttPublishOutcome(
                wasSent ? MqttPublishStatus.Unconfirmed : MqttPublishStatus.NotSent, MqttReasonCode.Unspecified));
        }
    }

    /// <summary>Moves what may be sent into the batch, in order, until it is full or ends in a tail.</summary>
    public void Encode(OutputBatch batch)
    {
        while (_list.Cursor is { } next && batch.Tail.IsEmpty)
        {
            if (next.State == PublicationState.AwaitsPubcomp)
            {
                acks.Enqueue(new AckPacket(PacketType.Pubrel, next.PacketId, MqttReasonCode.Success));
                _list.Advance();
            }
            else if ((NeedsQuota(next) && _quota == 0) || !TryEncode(next, batch))
            {
                return;
            }
        }
    }

    /// <summary>The batch was written, or the connection ended within it.</summary>
    public void Written(OutputBatch batch, bool whole)
    {
        foreach (Publication publication in batch.Publications)
        {
            publication.IsBeingWritten = false;
            _beingWritten--;
            if (publication.Deferred is { } outcome)
                End(publication, outcome);
            else if (publication.Qos == MqttQos.AtMostOnce)
                End(publication, new MqttPublishOutcome(
                    whole ? MqttPublishStatus.Delivered : MqttPublishStatus.Unconfirmed, MqttReasonCode.Success));
            else if (publication.CancelledBy.IsCancellationRequested)
                Abandon(publication, publication.CancelledBy);
        }

        batch.Publications.Clear();
    }

    public void Cancel(Publication publication, CancellationToken cancellationToken)
    {
        if (publication.State == PublicationState.Done || publication.IsAbandoned)
            return;
        if (publication.IsBeingWritten)
        {
            publication.CancelledBy = cancellationToken;
        }
        else if (publication.State == PublicationState.Waiting)
        {
            publication.CompleteCancelled(cancellationToken);
            End(publication, default);
        }
        else
        {
            Abandon(publication, cancellationToken);
        }
    }

    /// <summary>PUBACK, PUBREC or PUBCOMP (4.3). Null: no error.</summary>
    public string? Answer(in AckPacket ack)
    {
        if (!_underWay.TryGetValue(ack.Id, out Publication? publication))
        {
            // PUBREC for what is not known: the server may be recovering (4.3.3, 3.6.2.1).
            if (ack is { Type: PacketType.Pubrec, Code: < MqttReasonCode.Unspecified })
                acks.Enqueue(new AckPacket(PacketType.Pubrel, ack.Id, MqttReasonCode.PacketIdentifierNotFound));
            return null;
        }

        PublicationState expected = ack.Type switch
        {
            PacketType.Puback => PublicationState.AwaitsPuback,
            PacketType.Pubrec => PublicationState.AwaitsPubrec,
            _ => PublicationState.AwaitsPubcomp,
        };
        if (publication.State != expected)
        {
            // The second PUBREC of one that was sent twice.
            bool isRepeated = ack.Type == PacketType.Pubrec && publication.State == PublicationState.AwaitsPubcomp;
            return isRepeated ? null : "an acknowledgement that does not fit its publication (4.3)";
        }

        bool isFailure = ack.Code >= MqttReasonCode.Unspecified && ack.Type != PacketType.Pubcomp;
        if (ack.Type == PacketType.Pubrec && !isFailure)
        {
            publication.State = PublicationState.AwaitsPubcomp;
            acks.Enqueue(new AckPacket(PacketType.Pubrel, ack.Id, MqttReasonCode.Success));
            return null;
        }

        MqttReasonCode code = ack.Type == PacketType.Pubcomp ? MqttReasonCode.Success : ack.Code;
        Settle(publication, new MqttPublishOutcome(
            isFailure ? MqttPublishStatus.Refused : MqttPublishStatus.Delivered, code, ack.ReasonText));
        return null;
    }

    private static bool NeedsQuota(Publication publication)
        => publication.Qos != MqttQos.AtMostOnce && publication.State != PublicationState.AwaitsPubcomp;

    // False: the batch has no room, or there is no identifier.
    private bool TryEncode(Publication next, OutputBatch batch)
    {
        if (Refusal(next) is { } refusal)
        {
            End(next, refusal);
            return true;
        }

        if (next.Qos != MqttQos.AtMostOnce && next.PacketId == 0)
        {
            next.PacketId = ids.Take();
            if (next.PacketId == 0)
                return false;
        }

        // Measured with the topic, so that it fits whatever the alias; an alias is only used up by what is sent.
        PublishHead longest = new(next.Topic, next.Options, next.PacketId, 1, next.PayloadBytes);
        long headBytes = longest.PacketBytes - next.PayloadBytes;
        bool isCopied = next.PayloadBytes <= CopiedBytesMax;
        long bytes = isCopied ? longest.PacketBytes : headBytes + next.Prefix.Length;
        if (!batch.HasRoom((int)bytes))
            return false;
        bool isKnown = false;
        ushort alias = longest.PacketBytes <= _server.PacketBytesMax ? _aliases.Find(next.Topic, out isKnown) : (ushort)0;
        PublishHead head = new(isKnown ? "" : next.Topic, next.Options, next.PacketId, alias, next.PayloadBytes);
        batch.Advance(head.Write(batch.Free, duplicate: next.State != PublicationState.Waiting));
        next.Prefix.Span.CopyTo(batch.Free);
        batch.Advance(next.Prefix.Length);
        if (isCopied)
        {
            next.Payload.Span.CopyTo(batch.Free);
            batch.Advance(next.Payload.Length);
        }
        else
        {
            batch.Tail = next.Payload;
        }

        Sending(next, batch);
        return true;
    }

    private void Sending(Publication publication, OutputBatch batch)
    {
        _list.Advance();
        batch.Publications.Add(publication);
        publication.IsBeingWritten = true;
        _beingWritten++;
        if (publication.Qos == MqttQos.AtMostOnce)
            return;
        _quota--;
        publication.HoldsQuota = true;
        publication.State = publication.Qos == MqttQos.AtLeastOnce
            ? PublicationState.AwaitsPuback : PublicationState.AwaitsPubrec;
        _underWay[publication.PacketId] = publication;
    }

    private MqttPublishOutcome? Refusal(Publication publication)
    {
        if (publication.Qos > _server.MaximumQos)
            return new MqttPublishOutcome(MqttPublishStatus.NotSupported, MqttReasonCode.QosNotSupported);
        if (publication.Options.Retain && !_server.Retain)
            return new MqttPublishOutcome(MqttPublishStatus.NotSupported, MqttReasonCode.RetainNotSupported);
        PublishHead head = new(publication.Topic, publication.Options, 1, 0, publication.PayloadBytes);
        return head.PacketBytes > _server.PacketBytesMax || head.BodyBytes > VariableInt.Max - 3
            ? new MqttPublishOutcome(MqttPublishStatus.TooLarge, MqttReasonCode.PacketTooLarge)
            : null;
    }

    private void Resume(Publication publication)
    {
        if (!publication.IsAbandoned)
            return;

        // Its payload is gone. The server forgets a QoS 2 identifier by PUBREL; of QoS 1 it keeps nothing.
        if (publication.Qos == MqttQos.ExactlyOnce)
            publication.State = PublicationState.AwaitsPubcomp;
        else
            End(publication, default);
    }

    private void StartAnew(Publication publication)
    {
        if (publication.State == PublicationState.Waiting)
            return;
        if (publication.IsAbandoned || publication.State == PublicationState.AwaitsPubcomp)
        {
            // After PUBREC the message was the server's.
            End(publication, new MqttPublishOutcome(MqttPublishStatus.Delivered, MqttReasonCode.Success));
            return;
        }

        Forget(publication);
        publication.State = PublicationState.Waiting;
    }

    private static void Abandon(Publication publication, CancellationToken cancellationToken)
    {
        publication.IsAbandoned = true;
        publication.CompleteCancelled(cancellationToken);
    }

    private void Settle(Publication publication, in MqttPublishOutcome outcome)
    {
        if (publication.HoldsQuota)
            _quota++;
        publication.HoldsQuota = false;
        Forget(publication);
        if (publication.IsBeingWritten)
            publication.Deferred = outcome;
        else
            End(publication, outcome);
    }

    private void Forget(Publication publication)
    {
        if (publication.PacketId == 0)
            return;
        _underWay.Remove(publication.PacketId);
        ids.Return(publication.PacketId);
        publication.PacketId = 0;
    }

    private void End(Publication publication, in MqttPublishOutcome outcome)
    {
        Forget(publication);
        _list.Remove(publication);
        publication.State = PublicationState.Done;
        publication.Complete(outcome);
        publication.Release();
    }
}
