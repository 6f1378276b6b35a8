namespace AvSdk.Contracts.Identity;

/// <summary>Why a certificate is not taken.</summary>
public enum CertificateFault
{
    /// <summary>There is none.</summary>
    NotGiven,

    /// <summary>No trusted authority vouches for it.</summary>
    WrongAuthority,

    /// <summary>It, or one that vouches for it, is on the list of the revoked.</summary>
    Revoked,

    /// <summary>Its time, or that of one that vouches for it, is over.</summary>
    Expired,

    /// <summary>Its time, or that of one that vouches for it, has not come.</summary>
    NotYetValid,

    /// <summary>It is for another use, for example a server's shown by a client.</summary>
    WrongUse,

    /// <summary>It is for somebody else, or names nobody.</summary>
    WrongName,
}
