using System.Xml.Linq;

namespace AvSdk.Tests.Tidy;

/// <summary>Which project may reference which: the architecture, as a test.</summary>
public sealed class ProjectEdges
{
    // Left: the project. Right: the projects and packages it may reference, and no others.
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["AvSdk.Lz4"] = [],
        ["AvSdk.Mcap"] = ["AvSdk.Lz4"],
        ["AvSdk.Mcap.Tool"] = ["AvSdk.Mcap", "Google.Protobuf", "System.CommandLine", "Spectre.Console"],
        ["AvSdk.Contracts"] = ["Google.Protobuf", "Grpc.Tools"],
        ["AvSdk.Grpc"] = ["Google.Protobuf"],
        ["AvSdk.Grpc.Server"] = ["AvSdk.Grpc", "Microsoft.AspNetCore.App"],
        ["AvSdk.Mqtt"] = [],
        ["AvSdk.Recorder"] =
            ["AvSdk.Mcap", "AvSdk.Contracts", "Polly.Core", "Microsoft.Extensions.Logging.Abstractions"],
        ["AvSdk"] =
        [
            "AvSdk.Recorder", "AvSdk.Mcap", "AvSdk.Contracts", "AvSdk.Grpc", "AvSdk.Mqtt",
            "Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.Hosting.Abstractions",
            "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options",
        ],
        ["AvSdk.Gateway"] =
        [
            "AvSdk.Contracts", "AvSdk.Grpc.Server", "AvSdk.Mcap", "AvSdk.Mqtt", "Microsoft.Data.Sqlite",
            "SQLitePCLRaw.bundle_e_sqlite3", "Npgsql", "AWSSDK.S3", "Microsoft.AspNetCore.App",
        ],
        ["AvSdk.Testing"] = ["AvSdk", "AvSdk.Gateway", "Microsoft.AspNetCore.App"],
        ["AvAgent"] = ["AvSdk", "Microsoft.Extensions.Hosting", "System.CommandLine"],
        ["AvGateway"] = ["AvSdk.Gateway", "System.CommandLine"],
        ["Quickstart"] = ["AvSdk.Testing", "Microsoft.AspNetCore.App", "System.CommandLine", "Spectre.Console"],
        ["PartnerApp"] = ["AvSdk", "AvSdk.Testing"],
    };

    public static TheoryData<string> ProductProjects() =>
        [.. SourceTree.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)
            && !file.StartsWith("tests/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(ProductProjects))]
    public void A_project_references_only_what_the_architecture_allows(string project)
    {
        string name = Path.GetFileNameWithoutExtension(project);
        Assert.True(s_allowed.TryGetValue(name, out string[]? allowed),
            $"{project} is not in the table of projects: add it there with its edges, and to the README.");
        foreach (string reference in References(project))
        {
            Assert.True(allowed.Contains(reference),
                $"{name} must not reference {reference}; it may reference {string.Join(", ", allowed)}.");
        }
    }

    [Fact]
    public void The_partner_example_uses_packages_and_no_project()
    {
        XDocument project = XDocument.Parse(SourceTree.Read("examples/PartnerApp/PartnerApp.csproj"));
        Assert.Empty(project.Descendants("ProjectReference"));
        Assert.Contains(project.Descendants("PackageReference"), package => (string?)package.Attribute("Include") == "AvSdk");
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = SourceTree.Read("AvSdk.sln").Replace('\\', '/');
        foreach (string project in SourceTree.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)))
        {
            // The partner's example restores from a feed that must be packed first: it stands alone.
            if (!project.StartsWith("examples/PartnerApp/", StringComparison.Ordinal))
                Assert.True(solution.Contains(project, StringComparison.Ordinal), $"{project} is not in AvSdk.sln");
        }
    }

    private static IEnumerable<string> References(string project)
    {
        XDocument document = XDocument.Parse(SourceTree.Read(project));
        return document.Descendants()
            .Where(element => element.Name.LocalName is "ProjectReference" or "PackageReference" or "FrameworkReference")
            .Select(element => Path.GetFileName(((string)element.Attribute("Include")!).Replace('\\', '/')))
            .Select(include => include.EndsWith(".csproj", StringComparison.Ordinal)
                ? Path.GetFileNameWithoutExtension(include)
                : include);
    }
}
