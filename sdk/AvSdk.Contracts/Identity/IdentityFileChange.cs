namespace AvSdk.Contracts.Identity;

/// <summary>What a look at changed files led to.</summary>
/// <param name="What">For people: <c>certificate CN=veh-042 (serial 3F), good until …</c>, or what it would have been.</param>
/// <param name="Problem">Null: it is in force for new connections. Else: why what there was stays in force.</param>
public sealed record IdentityFileChange(string What, IdentityFileProblem? Problem);
