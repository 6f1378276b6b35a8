namespace AvSdk.Ingestion;

/// <summary>
/// The private MCAP records of the ingest socket. A writer that knows none of them is served all the same:
/// they add resumption, flushing, loss counts and status to a plain MCAP record stream.
/// </summary>
/// <remarks>
/// A record is an opcode (1 byte), the content's length (8 bytes) and the content, as in the MCAP
/// specification; integers are little endian, a <c>text</c> is its UTF-8 bytes after their number (4 bytes).
/// Fields that a later version adds stand at the end, and are to be passed over.
/// <code>
///   client                                  agent
///   magic, Header, Hello               ──▶
///                                      ◀──  Welcome (what is durable of this source's topics)
///   Schema, Channel, NextOrdinal       ──▶
///   Message, Message, …                ──▶
///                                      ◀──  Durable (again and again)
///   Lost                               ──▶
///   Mark                               ──▶
///                                      ◀──  Marked
///   Flush                              ──▶
///                                      ◀──  Durable, Flushed
/// </code>
/// Each message of a topic from a source has an ordinal: 1, 2, 3, … over all connections, whatever happens to
/// agent and connection. A client keeps a message until its ordinal is durable, and after a loss sends what
/// is not from the lowest ordinal that it keeps; the agent passes over what it has already. So every message
/// is recorded once.
/// </remarks>
public enum IngestOpcode : byte
{
    /// <summary>
    /// Client, once, right after the Header record: <c>protocol</c> u16 (1), <c>source_id</c> 16 bytes (kept
    /// over reconnections, new for each run of the client), <c>software</c> text.
    /// </summary>
    Hello = 0x90,

    /// <summary>
    /// Agent, in answer to Hello: <c>protocol</c> u16 (1), <c>recording_id</c> 16 bytes (UUIDv7 in network
    /// order), <c>message_bytes_max</c> u32 (the largest payload taken), <c>positions</c>: u32 count, then
    /// for each topic that the source has written <c>topic</c> text and <c>durable</c> u64 (its messages 1 to
    /// that are durable).
    /// </summary>
    Welcome = 0x91,

    /// <summary>
    /// Client: <c>channel_id</c> u16, <c>ordinal</c> u64: the next message of this channel on this connection
    /// has this ordinal, and those after it count on. Needed before a channel's first message on a
    /// connection, and wherever ordinals jump (over what is durable already).
    /// </summary>
    NextOrdinal = 0x92,

    /// <summary>Agent: positions as in Welcome, of topics that moved on.</summary>
    Durable = 0x93,

    /// <summary>Client: <c>token</c> u64: make everything before this record durable, then answer.</summary>
    Flush = 0x94,

    /// <summary>
    /// Agent: <c>token</c> u64, <c>failure</c> text: empty when all is durable, else what happened and what
    /// to do.
    /// </summary>
    Flushed = 0x95,

    /// <summary>
    /// Client: <c>channel_id</c> u16, <c>messages</c> u64, <c>reason</c> text: so many were lost before they
    /// could be sent, since the last such record; they have no ordinals.
    /// </summary>
    Lost = 0x96,

    /// <summary>Client: <c>token</c> u64: asks for the agent's status. Needs no Hello.</summary>
    StatusRequest = 0x97,

    /// <summary>Agent: <c>token</c> u64, <c>status</c> u32 length and JSON in UTF-8.</summary>
    Status = 0x98,

    /// <summary>
    /// Agent, last before it closes the connection: <c>offset</c> u64 (of the offending record, bytes from
    /// the start of the client's stream), <c>message</c> text: what is wrong and what to do. What was taken
    /// before stays.
    /// </summary>
    Error = 0x99,

    /// <summary>
    /// Agent: <c>channel_id</c> u16, <c>reason</c> text: this channel's messages are not taken, the others
    /// are; for example, its topic has another schema already. Only after Hello; without it, the connection
    /// is closed.
    /// </summary>
    Refused = 0x9A,

    /// <summary>
    /// Client: <c>mark_id</c> 16 bytes (told again, it counts once), <c>log_time</c> u64 (ns; 0: the latest that the
    /// agent has), <c>before</c> u64 and <c>after</c> u64 (ns), <c>name</c> text, <c>metadata</c>: u32 count, then key
    /// text and value text of each. Needs no Hello.
    /// </summary>
    Mark = 0x9B,

    /// <summary>
    /// Agent: <c>mark_id</c> 16 bytes, <c>result</c> u8 (as <see cref="AvSdk.Recording.MarkResult"/>; 255: it cannot be
    /// a mark), <c>reason</c> text: why it was not taken, for people; empty when it was.
    /// </summary>
    Marked = 0x9C,

    /// <summary>Either end: to be passed over, whatever it holds.</summary>
    Padding = 0x9F,
}
