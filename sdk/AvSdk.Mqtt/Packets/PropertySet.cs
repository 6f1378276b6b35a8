using System.Text;

namespace AvSdk.Mqtt.Packets;

/// <summary>The properties of a packet, in order, where they are kept and not only looked at.</summary>
internal sealed class PropertySet
{
    private readonly List<Property> _properties = [];

    public int Count => _properties.Count;

    /// <summary>Of a block that <see cref="PropertyWalk.Take"/> found good; null for an empty one.</summary>
    public static PropertySet? From(ReadOnlySpan<byte> block, PacketType place)
    {
        if (block.IsEmpty)
            return null;
        PropertySet set = new();
        PropertyWalk walk = PropertyWalk.Over(block, 0, place);
        while (walk.Next())
        {
            PropertyKind kind = PropertyTable.Of((int)walk.Id).Kind;
            bool isText = kind is PropertyKind.Text or PropertyKind.Pair;
            set._properties.Add(new Property(
                walk.Id, walk.Number,
                isText ? Encoding.UTF8.GetString(walk.Value) : null,
                kind == PropertyKind.Pair ? Encoding.UTF8.GetString(walk.PairValue) : null,
                kind == PropertyKind.Binary ? walk.Value.ToArray() : default));
        }

        return set;
    }

    /// <summary>Takes the block off a packet, checks and keeps it; null where it is empty.</summary>
    public static PropertySet? Read(ref PacketReader packet, PacketType place)
        => From(PropertyWalk.Take(ref packet, place, out _), place);

    public uint? Number(PropertyId id)
    {
        foreach (Property property in _properties)
        {
            if (property.Id == id)
                return property.Number;
        }

        return null;
    }

    public string? Text(PropertyId id)
    {
        foreach (Property property in _properties)
        {
            if (property.Id == id)
                return property.Text;
        }

        return null;
    }

    public ReadOnlyMemory<byte>? Data(PropertyId id)
    {
        foreach (Property property in _properties)
        {
            if (property.Id == id)
                return property.Data;
        }

        return null;
    }

    public uint[] Numbers(PropertyId id)
    {
        List<Property> found = _properties.FindAll(property => property.Id == id);
        return [.. found.ConvertAll(static property => property.Number)];
    }

    public IReadOnlyList<MqttUserProperty> UserProperties()
        => _properties.FindAll(static property => property.Id == PropertyId.UserProperty)
            .ConvertAll(static property => new MqttUserProperty(property.Text!, property.PairValue!));

    /// <summary>Null adds nothing.</summary>
    public PropertySet Add(PropertyId id, uint? number)
    {
        if (number is { } value)
            _properties.Add(new Property(id, value, null, null, default));
        return this;
    }

    public PropertySet Add(PropertyId id, string? text)
    {
        if (text is not null)
            _properties.Add(new Property(id, 0, text, null, default));
        return this;
    }

    /// <summary>Empty adds nothing.</summary>
    public PropertySet Add(PropertyId id, ReadOnlyMemory<byte> data)
    {
        if (!data.IsEmpty)
            _properties.Add(new Property(id, 0, null, null, data));
        return this;
    }

    public PropertySet Add(IReadOnlyList<MqttUserProperty>? userProperties)
    {
        foreach (MqttUserProperty property in userProperties ?? [])
            _properties.Add(new Property(PropertyId.UserProperty, 0, property.Name, property.Value, default));
        return this;
    }

    public void Write(PacketWriter output)
    {
        foreach (Property property in _properties)
        {
            output.Variable((int)property.Id);
            switch (PropertyTable.Of((int)property.Id).Kind)
            {
                case PropertyKind.Flag:
                    output.Byte((int)property.Number);
                    break;
                case PropertyKind.UInt16:
                    output.UInt16((int)property.Number);
                    break;
                case PropertyKind.UInt32:
                    output.UInt32(property.Number);
                    break;
                case PropertyKind.Variable:
                    output.Variable((int)property.Number);
                    break;
                case PropertyKind.Binary:
                    output.Binary(property.Data.Span);
                    break;
                case PropertyKind.Pair:
                    output.Text(property.Text!);
                    output.Text(property.PairValue!);
                    break;
                default:
                    output.Text(property.Text!);
                    break;
            }
        }
    }

    private readonly record struct Property(
        PropertyId Id, uint Number, string? Text, string? PairValue, ReadOnlyMemory<byte> Data);
}
