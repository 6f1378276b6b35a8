using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using AvSdk.SystemTests.Processes;
using Microsoft.Win32.SafeHandles;

namespace AvSdk.SystemTests.Network;

/// <summary>
/// A car and a depot as network namespaces with a link of 10 Mbit/s between them, on which packets are lost at will. The test
/// itself reaches the depot over a link of its own, which nothing happens to. Skips the running test without root or tools.
/// </summary>
internal sealed class NetworkLab : IAsyncDisposable
{
    public const string DepotAddress = "10.9.0.1";
    private const string FirstCarAddress = "10.9.0.2";
    private const string SecondCarAddress = "10.9.0.3";
    private const string Link = "data0";
    private const int NetworkNamespaces = 0x40000000;
    private static readonly string s_prefix = $"av{Environment.ProcessId}x";
    private static int s_labs;

    private readonly string _ip, _tc, _iptables, _name;
    private readonly int _number = Interlocked.Increment(ref s_labs);

    private NetworkLab()
    {
        InstalledTool.RequireRoot("making network namespaces");
        _ip = InstalledTool.Require("ip", "iproute2");
        _tc = InstalledTool.Require("tc", "iproute2");
        _iptables = InstalledTool.Require("iptables", "iptables");
        _name = string.Create(CultureInfo.InvariantCulture, $"{s_prefix}{_number}");
    }

    /// <summary>Where the test reaches the depot.</summary>
    public string ManagementAddress => Management(2);

    /// <summary>Words before a command that is to run in the car.</summary>
    public IReadOnlyList<string> InCar => [_ip, "netns", "exec", Car];

    private string Car => _name + "-car";

    private string Depot => _name + "-depot";

    public static async Task<NetworkLab> CreateAsync()
    {
        NetworkLab lab = new();
        await lab.SweepAsync();
        try
        {
            await lab.IpAsync($"netns add {lab.Car}");
            await lab.IpAsync($"netns add {lab.Depot}");
            await lab.IpAsync($"link add {Link} netns {lab.Car} type veth peer name {Link} netns {lab.Depot}");
            await lab.IpAsync($"link add {lab._name} type veth peer name mgmt0 netns {lab.Depot}");
            await lab.IpAsync($"addr add {lab.Management(1)}/30 dev {lab._name}");
            await lab.IpAsync($"link set {lab._name} up");
            await lab.IpAsync($"-n {lab.Depot} addr add {lab.Management(2)}/30 dev mgmt0");
            await lab.IpAsync($"-n {lab.Depot} link set mgmt0 up");
            await lab.IpAsync($"-n {lab.Depot} addr add {DepotAddress}/24 dev {Link}");
            await lab.IpAsync($"-n {lab.Car} addr add {FirstCarAddress}/24 dev {Link}");
            foreach (string side in (string[])[lab.Car, lab.Depot])
            {
                await lab.IpAsync($"-n {side} link set lo up");
                await lab.IpAsync($"-n {side} link set {Link} up");
                await InstalledTool.RunAsync(
                    lab._tc, [.. $"-n {side} qdisc add dev {Link} root tbf rate 10mbit burst 32kb latency 100ms".Split(' ')]);
            }

            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a command in the depot.</summary>
    public TestProcess StartInDepot(Executable executable, params string[] arguments) => TestProcess.Start(
        executable with { Path = _ip }, ["netns", "exec", Depot, executable.Path, .. arguments]);

    /// <summary>From now on every packet that arrives is lost, or so many of them; both ways.</summary>
    public async Task LoseAsync(double share)
    {
        await HealAsync();
        string[] some = share >= 1 ? [] :
            ["-m", "statistic", "--mode", "random", "--probability", share.ToString(CultureInfo.InvariantCulture)];
        foreach (string side in (string[])[Car, Depot])
            await InstalledTool.RunAsync(_ip, ["netns", "exec", side, _iptables, "-A", "INPUT", "-i", Link, .. some, "-j", "DROP"]);
    }

    public async Task HealAsync()
    {
        foreach (string side in (string[])[Car, Depot])
            await InstalledTool.RunAsync(_ip, "netns", "exec", side, _iptables, "-F", "INPUT");
    }

    /// <summary>The car gets another address, and what it had is nobody's.</summary>
    public async Task ChangeAddressAsync()
    {
        await IpAsync($"-n {Car} addr flush dev {Link}");
        await IpAsync($"-n {Car} addr add {SecondCarAddress}/24 dev {Link}");
    }

    /// <summary>A socket of this process that listens in the depot, where the car reaches it.</summary>
    public Socket Listen(int port)
    {
        Socket? socket = null;
        Exception? failure = null;
        // A socket stays in the namespace that its thread was in when it was made; the thread is not used again.
        Thread thread = new(() =>
        {
            try
            {
                using SafeFileHandle depot = File.OpenHandle($"/var/run/netns/{Depot}");
                if (EnterNamespace(depot, NetworkNamespaces) != 0)
                    throw new InvalidOperationException($"setns failed: errno {Marshal.GetLastPInvokeError()}");
                socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(DepotAddress), port));
                socket.Listen();
            }
            catch (Exception error) when (error is IOException or SocketException or InvalidOperationException)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? socket! : throw new InvalidOperationException($"Cannot listen in {Depot}.", failure);
    }

    public async ValueTask DisposeAsync()
    {
        await RemoveAsync(Car);
        await RemoveAsync(Depot);
    }

    // Whatever still runs in it would keep it.
    private async Task RemoveAsync(string name)
    {
        if (!File.Exists($"/var/run/netns/{name}"))
            return;
        await using TestProcess inside = await TestProcess.RunAsync(Ip, "netns", "pids", name);
        foreach (string id in inside.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await using TestProcess kill = await TestProcess.RunAsync(Ip with { Path = "/bin/kill" }, "-9", id);
        }

        await InstalledTool.RunAsync(_ip, "netns", "del", name);

        // Sockets of whoever was killed may keep the namespace for a while, and with it this end of its link.
        string link = name[..name.IndexOf('-', StringComparison.Ordinal)];
        if (Directory.Exists($"/sys/class/net/{link}"))
        {
            await using TestProcess removed = await TestProcess.RunAsync(Ip, "link", "del", link);
        }
    }

    // What a test run left that was killed.
    private async Task SweepAsync()
    {
        if (_number != 1 || !Directory.Exists("/var/run/netns"))
            return;
        foreach (string path in Directory.GetFiles("/var/run/netns", "av*x*-*"))
        {
            string name = Path.GetFileName(path);
            string process = name[2..name.IndexOf('x', StringComparison.Ordinal)];
            if (int.TryParse(process, CultureInfo.InvariantCulture, out _) && !Directory.Exists($"/proc/{process}"))
                await RemoveAsync(name);
        }
    }

    // Another network for each lab, and most likely for each process.
    private string Management(int host) => string.Create(
        CultureInfo.InvariantCulture, $"10.{64 + (Environment.ProcessId % 128)}.{_number % 256}.{host}");

    private Executable Ip => new(_ip, "installed", new Dictionary<string, string>());

    private Task IpAsync(string arguments) => InstalledTool.RunAsync(_ip, arguments.Split(' '));

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EnterNamespace(SafeFileHandle handle, int kind);
}
