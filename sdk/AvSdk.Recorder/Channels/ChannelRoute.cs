using AvSdk.Recording.Chunking;
using AvSdk.Recording.Ledger;

namespace AvSdk.Recording;

/// <summary>
/// Where a channel's messages go. A channel that moves to another lane gets another id, since what a gateway was told of
/// an id never changes.
/// </summary>
/// <param name="Asked">The spec as it was asked for; its lane may be null, or configured no more.</param>
/// <param name="Spec">With the lane that was chosen.</param>
/// <param name="Group">The group that the lane's rule names; null: by rate.</param>
/// <param name="Lane">The lane.</param>
/// <param name="Id">The channel's id in the recording, while it is in this lane.</param>
/// <param name="Counters">Its part of the ledger, by lane too.</param>
internal sealed record ChannelRoute(
    ChannelSpec Asked, ChannelSpec Spec, string? Group, LaneChunker Lane, ushort Id, TopicCounters Counters);
