using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Faults;

/// <summary>A small ext4 of its own at a folder, and a file on it that takes the room there is.</summary>
internal sealed class LoopDisk : IAsyncDisposable
{
    private readonly TemporaryFolder _image = new();
    private readonly string _mountPoint;
    private readonly string _filler;
    private bool _isMounted;

    private LoopDisk(string mountPoint) => (_mountPoint, _filler) = (mountPoint, Path.Combine(mountPoint, "filler"));

    public long FreeBytes => new DriveInfo(_mountPoint).AvailableFreeSpace;

    /// <summary>Skips the running test where there is no right, or no tool, to make one.</summary>
    public static async Task<LoopDisk> MountAsync(string folder, long bytes)
    {
        InstalledTool.RequireRoot("mounting a file system");
        string mkfs = InstalledTool.Require("mkfs.ext4", "e2fsprogs");
        string mount = InstalledTool.Require("mount", "mount");
        Directory.CreateDirectory(folder);
        LoopDisk disk = new(folder);
        try
        {
            string image = disk._image.At("disk");
            await using (FileStream file = File.Create(image))
                file.SetLength(bytes);
            await InstalledTool.RunAsync(mkfs, "-q", "-m", "0", "-O", "^has_journal", image);
            await InstalledTool.RunAsync(mount, "-o", "loop", image, folder);
            disk._isMounted = true;
            return disk;
        }
        catch
        {
            await disk.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes every byte that is left, against whoever writes at the same time.</summary>
    public void Fill()
    {
        using FileStream filler = new(_filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[64 << 10];
        for (int size = block.Length; size > 0; size /= 2)
        {
            try
            {
                while (true)
                    filler.Write(block, 0, size);
            }
            catch (IOException)
            {
                // Full for this size.
            }
        }
    }

    public void Free() => File.Delete(_filler);

    public Task RemountAsync(string option) => InstalledTool.RunAsync("/bin/mount", "-o", $"remount,{option}", _mountPoint);

    /// <summary>Takes it away from below whoever uses it.</summary>
    public async Task UnmountAsync()
    {
        await InstalledTool.RunAsync("/bin/umount", "-l", _mountPoint);
        _isMounted = false;
    }

    /// <summary>Puts it back.</summary>
    public async Task MountAgainAsync()
    {
        await InstalledTool.RunAsync("/bin/mount", "-o", "loop", _image.At("disk"), _mountPoint);
        _isMounted = true;
    }

    public async ValueTask DisposeAsync()
    {
        // Lazily: whoever still has a file open keeps nothing else from going.
        if (_isMounted)
            await InstalledTool.RunAsync("/bin/umount", "-l", _mountPoint);
        _image.Dispose();
    }
}
