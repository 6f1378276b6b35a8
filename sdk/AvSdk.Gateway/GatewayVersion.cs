using System.Reflection;

namespace AvSdk.Gateway;

/// <summary>The version of this assembly, for people and for the wire.</summary>
internal static class GatewayVersion
{
    /// <summary>For example <c>0.1.0</c>: without what a build adds behind a plus.</summary>
    public static string Text { get; } =
        (typeof(GatewayVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion ?? "0").Split('+')[0];
}
