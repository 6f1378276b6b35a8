using System.Reflection;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary>The tool's version, as packed.</summary>
internal static class ToolVersion
{
    public static string Text { get; } = (typeof(ToolVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+')[0];
}
