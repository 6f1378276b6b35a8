using Microsoft.Win32.SafeHandles;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary>The process's standard output, buffered.</summary>
internal static class StandardOutput
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>
    /// Into a pipe its writes fail once nobody reads it any more, as <c>head</c> does: the runtime's own stream
    /// would swallow the rest in silence, and a large file would be read to its end for nobody.
    /// </summary>
    public static Stream Open()
    {
        if (!OperatingSystem.IsWindows() && Console.IsOutputRedirected)
        {
            SafeFileHandle handle = new(1, ownsHandle: false);
            FileStream pipe = new(handle, FileAccess.Write, bufferSize: 1, isAsync: false);
            // Into a file it must be the runtime's: others may write behind us through the same descriptor.
            if (!pipe.CanSeek)
                return new BufferedStream(pipe, BufferBytes);
        }

        return new BufferedStream(Console.OpenStandardOutput(), BufferBytes);
    }
}
