namespace AvSdk.Recording.Spool;

/// <summary>A file in a listing of the spool.</summary>
/// <param name="Name">Relative to the spool, parts separated by <c>/</c>.</param>
/// <param name="LengthBytes">Its length.</param>
public readonly record struct SpoolFileEntry(string Name, long LengthBytes);
