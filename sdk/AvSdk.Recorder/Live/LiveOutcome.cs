namespace AvSdk.Recording.Live;

/// <summary>What became of a sample; see <see cref="LiveStatus"/>.</summary>
internal enum LiveOutcome
{
    Dropped = 0,
    Withheld,
    Published,
}
