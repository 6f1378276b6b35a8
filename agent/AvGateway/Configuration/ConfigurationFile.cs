using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AvSdk.GatewayHost.Configuration;

/// <summary>Reads the configuration file: JSON in which comments and trailing commas are allowed.</summary>
internal static class ConfigurationFile
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>False: <paramref name="problem"/> says where and what. No path: the defaults.</summary>
    public static bool TryRead(
        string? path, out GatewayConfiguration configuration, [NotNullWhen(false)] out string? problem)
    {
        configuration = new GatewayConfiguration();
        problem = null;
        if (path is null)
            return true;
        try
        {
            configuration = JsonSerializer.Deserialize<GatewayConfiguration>(File.ReadAllText(path), Json)
                ?? configuration;
            return true;
        }
        catch (JsonException failure)
        {
            problem = $"{path}: {failure.Message} See avgateway run --help and the README for the keys.";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problem = $"{path}: cannot be read: {failure.Message}";
        }

        return false;
    }
}
