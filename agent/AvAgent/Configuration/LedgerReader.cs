using System.Security.Cryptography;
using AvSdk.Contracts.Ledger;

namespace AvSdk.Agent.Configuration;

/// <summary>The <c>ledger</c> section: the key that signs, and whether it can.</summary>
internal static class LedgerReader
{
    /// <summary>The key's file; null: nothing is signed.</summary>
    public static string? Read(ConfigurationSection? section, string folder)
    {
        if (section is null)
            return null;
        string? file = section.Text("signingKeyFile", "/etc/avagent/ledger.pem", isRequired: true);
        section.Done();
        if (file is null)
            return null;
        string path = Path.GetFullPath(file, folder);
        using ECDsa? key = Load(path, out string problem);
        if (key is null)
            section.Problems.Add(section.PathOf("signingKeyFile"), ConfigurationSection.Quote(file), problem);
        return path;
    }

    /// <summary>The key; null, and what to do about it, where it cannot sign.</summary>
    public static ECDsa? Load(string path, out string problem)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            // Only a private key can.
            if (LedgerSigning.IsUsable(key) && LedgerSigning.Sign(key, LedgerChain.Zero) is not null)
            {
                problem = "";
                return key;
            }

            problem = "It is on another curve: make one with `openssl ecparam -name prime256v1 -genkey -noout`.";
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            problem = $"{refused.Message} Name a file that this user can read.";
        }
        catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
        {
            problem = "Expected a private EC key, not encrypted, as PEM: "
                + "make one with `openssl ecparam -name prime256v1 -genkey -noout`.";
        }

        key.Dispose();
        return null;
    }
}
