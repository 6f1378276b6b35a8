using AvSdk.Conformance;
using AvSdk.Mcap;

// The runner contract of the official conformance suite: see README.md.
if (args is not [var command, var path])
    return Usage();
try
{
    using Stream output = Console.OpenStandardOutput();
    switch (command)
    {
        case "streamed":
            await output.WriteAsync(StreamedRun.Read(File.OpenRead(path))).ConfigureAwait(false);
            return 0;
        case "indexed":
            await output.WriteAsync(IndexedRun.Read(path)).ConfigureAwait(false);
            return 0;
        case "write":
            await output.WriteAsync(WriteRun.Write(await File.ReadAllBytesAsync(path).ConfigureAwait(false))).ConfigureAwait(false);
            return 0;
        default:
            return Usage();
    }
}
catch (Exception e) when (e is McapException or IOException or NotSupportedException)
{
    await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
    return 1;
}

static int Usage()
{
    Console.Error.WriteLine("usage: avsdk-conformance streamed FILE.mcap | indexed FILE.mcap | write FILE.json");
    return 2;
}
