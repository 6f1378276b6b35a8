namespace AvSdk.Contracts.Carrier;

/// <summary>What a publication of a stream holds.</summary>
public enum CarrierKind : byte
{
    /// <summary>A whole message, or the last piece of one.</summary>
    Message = 1,

    /// <summary>A piece of a message that goes on in the next publication.</summary>
    Piece = 2,

    /// <summary>Nothing: only <see cref="CarrierHeader.Taken"/> counts. Not numbered.</summary>
    Word = 3,

    /// <summary>A <see cref="V1.StreamEnd"/>: the last publication; it ends the stream wherever it comes.</summary>
    End = 4,
}
