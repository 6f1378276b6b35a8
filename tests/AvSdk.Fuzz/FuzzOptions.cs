using System.Globalization;

namespace AvSdk.Fuzz;

/// <summary>What the command line asks for.</summary>
public sealed record FuzzOptions
{
    public const string Usage =
        """
        AvSdk.Fuzz mcap|lz4|mqtt|all [--runs N] [--seed S] [--first-run K] [--workers W] [--artifacts FOLDER]

          --runs       how many inputs for each subject; default 100000
          --seed       the choices; default 1
          --first-run  where to begin; with --runs 1 it replays one run and says what it did; default 0
          --workers    threads; default: one for each core
          --artifacts  where failing inputs go; default artifacts/fuzz
        """;

    public IReadOnlyList<string> Subjects { get; init; } = ["mcap", "lz4", "mqtt"];

    public long Runs { get; init; } = 100_000;

    public ulong Seed { get; init; } = 1;

    public long FirstRun { get; init; }

    public int Workers { get; init; } = Environment.ProcessorCount;

    public string Artifacts { get; init; } = Path.Combine("artifacts", "fuzz");

    /// <summary>Null for arguments that are not understood.</summary>
    public static FuzzOptions? Parse(IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(args);
        FuzzOptions options = new();
        if (args.Count % 2 == 0 || args[0] is not ("mcap" or "lz4" or "mqtt" or "all"))
            return null;
        if (args[0] != "all")
            options = options with { Subjects = [args[0]] };
        for (int i = 1; i < args.Count; i += 2)
        {
            string value = args[i + 1];
            bool isNumber = ulong.TryParse(value, CultureInfo.InvariantCulture, out ulong number);
            FuzzOptions? changed = args[i] switch
            {
                "--runs" when isNumber => options with { Runs = (long)number },
                "--seed" when isNumber => options with { Seed = number },
                "--first-run" when isNumber => options with { FirstRun = (long)number },
                "--workers" when isNumber => options with { Workers = Math.Clamp((int)number, 1, 256) },
                "--artifacts" => options with { Artifacts = value },
                _ => null,
            };
            if (changed is null)
                return null;
            options = changed;
        }

        return options;
    }
}
