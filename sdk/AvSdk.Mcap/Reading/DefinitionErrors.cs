namespace AvSdk.Mcap;

/// <summary>What can be wrong with definitions; offsets are for the caller to set.</summary>
internal static class DefinitionErrors
{
    public static McapError DuplicateSchema(McapSchema first, McapSchema second) => new(
        McapErrorKind.DuplicateSchemaId, 0, $"schema {first.Id} to be \"{first.Name}\" as before",
        $"\"{second.Name}\"" + (first.Name == second.Name ? " with other content" : ""));

    public static McapError DuplicateChannel(McapChannel first, McapChannel second) => new(
        McapErrorKind.DuplicateChannelId, 0, $"channel {first.Id} to be \"{first.Topic}\" as before",
        $"\"{second.Topic}\"" + (first.Topic == second.Topic ? " with other fields" : ""));

    public static McapError NoSchema(McapChannel channel) => new(
        McapErrorKind.ChannelWithoutSchema, 0,
        $"schema {channel.SchemaId} before channel {channel.Id} (\"{channel.Topic}\")", "no such schema");

    public static McapError UnknownChannel(ushort channelId) => new(
        McapErrorKind.UnknownChannel, 0, $"channel {channelId} before its messages", "no such channel");
}
