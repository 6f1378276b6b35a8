namespace AvSdk.Contracts.Identity;

/// <summary>Why a certificate is not taken, for programs and for people.</summary>
/// <param name="Fault">The kind.</param>
/// <param name="Message">What is wrong with which certificate, and what to do; sentences.</param>
public sealed record CertificateRefusal(CertificateFault Fault, string Message);
