using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace AvSdk.Contracts.Identity;

/// <summary>
/// Who somebody is, by his certificate: the URI <c>urn:av:vehicle:NAME</c> or <c>urn:av:client:NAME</c> among its
/// subject alternative names. A certificate without a URI that begins with <c>urn:av:</c> is a vehicle's, named by
/// its common name.
/// </summary>
/// <param name="Kind">What he may do.</param>
/// <param name="Name">1 to 128 of A-Z a-z 0-9 . _ -, and not of dots alone.</param>
public sealed record PeerIdentity(PeerKind Kind, string Name)
{
    /// <summary>What a vehicle's URI begins with.</summary>
    public const string VehiclePrefix = "urn:av:vehicle:";

    /// <summary>What the URI of a client that queries begins with.</summary>
    public const string ClientPrefix = "urn:av:client:";

    private const string Prefix = "urn:av:";
    private const string SubjectAlternativeNames = "2.5.29.17";
    private const string CommonName = "2.5.4.3";
    private const int NameCharactersMax = 128;
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <summary>The URI that stands for this identity in a certificate.</summary>
    public string ToUri() => (Kind == PeerKind.Vehicle ? VehiclePrefix : ClientPrefix) + Name;

    /// <summary><c>vehicle veh-042</c>, <c>client analysis</c>.</summary>
    public override string ToString() => (Kind == PeerKind.Vehicle ? "vehicle " : "client ") + Name;

    /// <summary>Whether a vehicle, or a client, may be called so.</summary>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is >= 1 and <= NameCharactersMax && name.AsSpan().ContainsAnyExcept('.')
            && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
    }

    /// <summary>
    /// Who a certificate names; whether it can be believed is <see cref="CertificateCheck"/>'s. Null:
    /// <paramref name="problem"/> says why it names nobody.
    /// </summary>
    public static PeerIdentity? TryRead(X509Certificate2 certificate, out string problem)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        problem = "";
        string[] uris;
        try
        {
            uris = [.. Uris(certificate).Where(static uri => uri.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))];
        }
        catch (AsnContentException)
        {
            problem = "its subject alternative names cannot be read";
            return null;
        }

        if (uris.Length > 1)
        {
            problem = $"it names several: {string.Join(", ", uris.Select(Shown))}; one certificate is for one";
            return null;
        }

        PeerIdentity? identity = uris.Length == 1 ? FromUri(uris[0]) : FromCommonName(certificate);
        if (identity is null)
        {
            problem = (uris.Length == 1 ? $"the name in it is \"{Shown(uris[0])}\"" : "it names nobody")
                + $"; expected the URI {VehiclePrefix}NAME or {ClientPrefix}NAME among its subject alternative names, or "
                + "a vehicle's name as its common name: 1 to 128 of A-Z a-z 0-9 . _ -";
        }

        return identity;
    }

    private static PeerIdentity? FromUri(string uri)
    {
        if (uri.StartsWith(VehiclePrefix, StringComparison.OrdinalIgnoreCase))
            return From(PeerKind.Vehicle, uri[VehiclePrefix.Length..]);
        return uri.StartsWith(ClientPrefix, StringComparison.OrdinalIgnoreCase)
            ? From(PeerKind.Client, uri[ClientPrefix.Length..])
            : null;
    }

    private static PeerIdentity? FromCommonName(X509Certificate2 certificate)
    {
        string?[] names =
        [
            .. certificate.SubjectName.EnumerateRelativeDistinguishedNames()
                .Where(static part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonName)
                .Select(static part => part.GetSingleElementValue()),
        ];
        return names is [{ } name] ? From(PeerKind.Vehicle, name) : null;
    }

    private static PeerIdentity? From(PeerKind kind, string name) => IsName(name) ? new PeerIdentity(kind, name) : null;

    // GeneralNames (RFC 5280, section 4.2.1.6): uniformResourceIdentifier [6] IA5String; .NET reads the others only.
    private static List<string> Uris(X509Certificate2 certificate)
    {
        List<string> uris = [];
        foreach (X509Extension extension in certificate.Extensions)
        {
            if (extension.Oid?.Value != SubjectAlternativeNames)
                continue;
            AsnReader names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (names.PeekTag().HasSameClassAndValue(Uri))
                    uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
                else
                    names.ReadEncodedValue();
            }
        }

        return uris;
    }

    private static string Shown(string text) => Printable.Begin(text, 160);
}
