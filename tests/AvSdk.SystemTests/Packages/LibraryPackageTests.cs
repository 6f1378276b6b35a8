using AvSdk.SystemTests.Examples;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Packages;

/// <summary>AvSdk.Mcap and AvSdk.Lz4 as a stranger gets them: two packages, and nothing else on the feed.</summary>
public sealed class LibraryPackageTests
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <UseAppHost>false</UseAppHost>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="AvSdk.Mcap" Version="VERSION" />
            <PackageReference Include="AvSdk.Lz4" Version="VERSION" />
          </ItemGroup>
        </Project>
        """;

    private const string Feeds = """
        <configuration>
          <packageSources>
            <clear />
            <add key="only" value="feed" />
          </packageSources>
        </configuration>
        """;

    private const string Program = """
        using AvSdk.Lz4;
        using AvSdk.Mcap;

        using MemoryStream file = new();
        using (McapWriter writer = new(file, leaveOpen: true))
        {
            ushort channel = writer.AddChannel("/speed", "json");
            for (uint i = 0; i < 1000; i++)
                writer.WriteMessage(channel, i, i, i, "{\"metres_per_second\":12.5}"u8);
        }

        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(file.ToArray()));
        using McapMessageCursor messages = reader.Read(McapQuery.All);
        int read = 0;
        while (messages.MoveNext())
            read++;
        Console.WriteLine($"{read} messages, {reader.Chunks[0].Compression}");

        byte[] frame = new byte[Lz4Frame.CompressBound(1000, Lz4FrameOptions.Default)];
        int bytes = Lz4Frame.Compress(new byte[1000], frame, Lz4FrameOptions.Default);
        byte[] back = new byte[1000];
        Console.WriteLine(Lz4Frame.TryDecompress(frame.AsSpan(0, bytes), back, out _, out int written).IsOk && written == 1000);
        """;

    [Fact]
    public async Task Are_enough_for_a_program_that_writes_and_reads_mcap()
    {
        PackedPackages packages = await PackedPackages.GetAsync();
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.At("feed"));
        foreach (string package in new[] { "AvSdk.Mcap", "AvSdk.Lz4" })
            File.Copy(packages.FileOf(package), folder.At("feed", Path.GetFileName(packages.FileOf(package))));
        folder.Write("stranger.csproj", Project.Replace("VERSION", packages.Version, StringComparison.Ordinal));
        folder.Write("nuget.config", Feeds);
        folder.Write("Program.cs", Program);
        Dictionary<string, string> ownCache = new() { ["NUGET_PACKAGES"] = folder.At("cache") };
        await PackedPackages.DotnetAsync(ownCache, "build", folder.At("stranger.csproj"), "-c", "Release", "-v", "q");

        await using TestProcess stranger = await TestProcess.RunAsync(
            ExampleProgram.Dotnet, folder.At("bin", "Release", "net10.0", "stranger.dll"));
        Assert.True(stranger.ExitCode == 0, stranger.Describe());
        Assert.Equal("1000 messages, lz4\nTrue", stranger.Output);
    }
}
