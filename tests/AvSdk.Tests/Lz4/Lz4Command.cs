using System.Diagnostics;

namespace AvSdk.Tests.Lz4;

/// <summary>The <c>lz4</c> command, as a filter. Without it a test skips.</summary>
internal static class Lz4Command
{
    public static async Task<byte[]> RunAsync(string arguments, byte[] input)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        ProcessStartInfo start = new("lz4", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Start(start);
        Task<string> errors = process.StandardError.ReadToEndAsync(ct);
        Task feed = FeedAsync(process, input, ct);
        using MemoryStream output = new();
        await process.StandardOutput.BaseStream.CopyToAsync(output, ct);
        await feed;
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
            Assert.Fail($"lz4 {arguments}: exit code {process.ExitCode}: {await errors}");
        return output.ToArray();
    }

    /// <summary>Compresses through a file, since the command writes the content size only then.</summary>
    public static async Task<byte[]> CompressFileAsync(string arguments, byte[] input)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, input, ct);
            return await RunAsync($"{arguments} -c {path}", []);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("no lz4 command");
            throw;
        }
    }

    private static async Task FeedAsync(Process process, byte[] input, CancellationToken ct)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, ct);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The command gave up early; its exit code says so.
        }
    }
}
