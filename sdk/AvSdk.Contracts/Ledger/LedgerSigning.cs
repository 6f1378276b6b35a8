using System.Security.Cryptography;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Contracts.Ledger;

/// <summary>Signatures in a ledger (<c>LedgerSignature</c>, ledger.proto): ECDSA over P-256, of the hash before.</summary>
public static class LedgerSigning
{
    /// <summary>The only algorithm there is: <c>ecdsa-p256-sha256</c>.</summary>
    public const string Algorithm = "ecdsa-p256-sha256";

    private const string CurveOid = "1.2.840.10045.3.1.7";

    /// <summary>True: the key is on the curve P-256.</summary>
    public static bool IsUsable(ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Oid curve = key.ExportParameters(includePrivateParameters: false).Curve.Oid;
        return curve.Value == CurveOid || curve.FriendlyName == ECCurve.NamedCurves.nistP256.Oid.FriendlyName;
    }

    /// <summary>SHA-256 of the public key as SubjectPublicKeyInfo, 32 bytes.</summary>
    public static ByteString Fingerprint(ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return ByteString.CopyFrom(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>Signs the hash of the entry before.</summary>
    /// <exception cref="CryptographicException">The key has no private part.</exception>
    public static LedgerSignature Sign(ECDsa key, ByteString previousSha256)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(previousSha256);
        return new LedgerSignature
        {
            Algorithm = Algorithm,
            KeySha256 = Fingerprint(key),
            Signature = ByteString.CopyFrom(
                key.SignHash(previousSha256.ToByteArray(), DSASignatureFormat.IeeeP1363FixedFieldConcatenation)),
        };
    }

    /// <summary>True: the entry's signature is the key's, and of the entry's predecessor.</summary>
    public static bool Verify(ECDsa key, LedgerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(entry);
        return entry.Signature is { Algorithm: Algorithm } signature
            && key.VerifyHash(
                entry.PreviousSha256.Span, signature.Signature.Span, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
