namespace AvSdk.Agent.Configuration;

/// <summary>The <c>gateway.mqtt</c> section: how the vehicle connects to a broker.</summary>
internal sealed class MqttReader(string folder)
{
    private const int PublicationBytesLeast = 1 << 10;
    private const int PublicationBytesMost = 4 << 20;

    /// <summary>Without a section: the defaults.</summary>
    public MqttConfiguration Read(ConfigurationSection? section)
    {
        if (section is null)
            return new MqttConfiguration(null, null, null, null);

        string? clientId = section.Text("clientId", "veh-042");
        string? userName = section.Text("userName", "veh-042");
        string? passwordFile = section.Text("passwordFile", "/etc/avagent/broker.password");
        int? publicationBytesMax = section.SmallSize("publicationBytesMax", "1 MiB");
        section.Done();
        if (publicationBytesMax is < PublicationBytesLeast or > PublicationBytesMost)
        {
            section.Problems.Add(section.PathOf("publicationBytesMax"), $"{publicationBytesMax}",
                "Expected 1 KiB to 4 MiB; a broker's maximum packet size holds in any case.");
        }

        string? file = passwordFile is null ? null : Path.GetFullPath(passwordFile, folder);
        if (file is not null && !File.Exists(file))
        {
            section.Problems.Add(section.PathOf("passwordFile"), ConfigurationSection.Quote(passwordFile!),
                "No such file: its first line is the password, and only this user should read it.");
        }

        return new MqttConfiguration(clientId, userName, file, publicationBytesMax);
    }
}
