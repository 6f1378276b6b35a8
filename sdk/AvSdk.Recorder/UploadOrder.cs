namespace AvSdk.Recording;

/// <summary>In which order the chunks of a lane go to the gateway.</summary>
public enum UploadOrder
{
    /// <summary>As they were recorded.</summary>
    OldestFirst = 0,

    /// <summary>
    /// The last recorded before those that lie longer: what is going on now, and the rest as the link allows. A chunk that
    /// was begun is ended first.
    /// </summary>
    NewestFirst,
}
