using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using AvSdk.Recording;
using AvSdk.Uplink;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// A full spool over a pair of network interfaces between two network namespaces, limited to 10 Mbit/s, of which every
/// hundredth packet is lost: what of that which the interface carried, from the headers of IP on, were bytes of chunks.
/// Needs root, <c>ip</c>, <c>tc</c> and <c>iptables</c>.
/// </summary>
internal static class LinkRatios
{
    private const double BytesPerSecond = 10e6 / 8;
    private const int EthernetBytes = 14;
    private const string OtherAddress = "10.213.77.2";
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(4);

    public static async Task MeasureAsync(RatioSizes sizes, List<Ratio> ratios, List<string> notes)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            notes.Add("the use of a link: network namespaces need root");
            return;
        }

        string name = "avb" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        string[] commands =
        [
            $"ip netns add {name}",
            $"ip link add {name}a type veth peer name {name}b netns {name}",
            $"ip link set {name}a gso_max_segs 1",
            $"ip addr add 10.213.77.1/30 dev {name}a",
            $"ip link set {name}a up",
            $"ip netns exec {name} ip addr add {OtherAddress}/30 dev {name}b",
            $"ip netns exec {name} ip link set {name}b up",
            $"ip netns exec {name} ip link set lo up",
            $"tc qdisc add dev {name}a root tbf rate 10mbit burst 16kb latency 100ms",
            $"ip netns exec {name} iptables -A INPUT -i {name}b -m statistic --mode random --probability 0.01 -j DROP",
        ];
        try
        {
            foreach (string command in commands)
            {
                if (await RunAsync(command) is { } problem)
                {
                    notes.Add($"the use of a link: {command}: {problem}");
                    return;
                }
            }

            await MeasureOverAsync(name, sizes, ratios);
        }
        finally
        {
            await RunAsync($"ip netns del {name}");
            await RunAsync($"ip link del {name}a");
        }
    }

    private static async Task MeasureOverAsync(string name, RatioSizes sizes, List<Ratio> ratios)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("avsdk-bench-link-");
        using Process child = Process.Start(
            new ProcessStartInfo("ip", ["netns", "exec", name, Environment.ProcessPath!, UplinkChild.Verb, "beyond loopback"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        try
        {
            await child.StandardOutput.ReadLineAsync();
            await child.StandardOutput.ReadLineAsync();
            string port = (await child.StandardOutput.ReadLineAsync())!;
            await FullSpool.FillAsync(folder.FullName, (long)(2 * BytesPerSecond * (sizes.Seconds + 10)), 4 << 20);
            RecorderPorts ports = new() { Uplink = new GrpcUplink($"http://{OtherAddress}:{port}") };
            await using LocalRecorder recorder =
                await LocalRecorder.OpenAsync(FullSpool.Options(folder.FullName, 4 << 20), ports, CancellationToken.None);
            await Task.Delay(s_start);
            (long carried, long parts) before = (Carried(name), recorder.Status.Uplink.PartBytes);
            long start = Stopwatch.GetTimestamp();
            await Task.Delay(TimeSpan.FromSeconds(sizes.Seconds));
            (long carried, long parts) = (Carried(name) - before.carried, recorder.Status.Uplink.PartBytes - before.parts);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            ratios.Add(new Ratio(
                "link_payload", "10 Mbit/s, 1 % loss: bytes of chunks in those that the link carried", 100.0 * parts / carried, "%", "our goal", 95));
            ratios.Add(new Ratio(
                "link_rate", "the same, bytes of chunks a second", parts / seconds / 1e6, "MB/s", "the link's limit", BytesPerSecond / 1e6));
        }
        finally
        {
            child.StandardInput.Close();
            await child.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }

    private static long Carried(string name) => Statistic(name, "tx_bytes") - (EthernetBytes * Statistic(name, "tx_packets"));

    private static long Statistic(string name, string what) =>
        long.Parse(File.ReadAllText($"/sys/class/net/{name}a/statistics/{what}"), CultureInfo.InvariantCulture);

    // Null: it went well.
    private static async Task<string?> RunAsync(string command)
    {
        string[] words = command.Split(' ');
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true })!;
            string said = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? null : said.Trim();
        }
        catch (Win32Exception absent)
        {
            return absent.Message;
        }
    }
}
