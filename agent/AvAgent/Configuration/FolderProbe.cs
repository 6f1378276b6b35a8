namespace AvSdk.Agent.Configuration;

/// <summary>
/// Asks the file system whether a folder can be written, by writing: permissions, read-only mounts and
/// quotas all answer, where the mode bits would answer for the first alone. Leaves nothing behind.
/// </summary>
internal static class FolderProbe
{
    // Linux: EIO, ENXIO, ENODEV, ENOSPC, EROFS, ENOTCONN, ETIMEDOUT, EHOSTDOWN, ESTALE, EDQUOT, ENOMEDIUM.
    private static readonly int[] s_diskErrors = [5, 6, 19, 28, 30, 107, 110, 112, 116, 122, 123];

    /// <summary>
    /// Null when files can be made in the folder, or the folder itself can be made; else why not.
    /// </summary>
    public static string? WhyNotWritable(string folder) => WhyNotWritable(folder, out _);

    /// <summary>As the other; also whether it is the disk that refuses, and not the path or a right.</summary>
    public static string? WhyNotWritable(string folder, out bool isOfTheDisk)
    {
        isOfTheDisk = false;
        string at = folder;
        while (!Directory.Exists(at))
        {
            if (File.Exists(at))
                return $"{at} is a file: give a folder, or a path below one.";
            if (Path.GetDirectoryName(at) is not { Length: > 0 } parent)
                return "The path leads nowhere: give an absolute path.";
            at = parent;
        }

        string probe = Path.Combine(at, $".avagent-{Environment.ProcessId}.probe");
        try
        {
            using FileStream stream = new(
                probe, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0,
                FileOptions.DeleteOnClose);
            return null;
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            isOfTheDisk = refused is IOException && s_diskErrors.Contains(refused.HResult);
            return $"Cannot be written, since files cannot be made in {at} ({refused.Message.TrimEnd('.')}): "
                + "give the agent's user write access, or name another folder.";
        }
    }
}
