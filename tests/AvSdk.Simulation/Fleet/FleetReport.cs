using System.Globalization;

namespace AvSdk.Simulation.Fleet;

/// <summary>What became of a fleet.</summary>
internal sealed record FleetReport
{
    public const string Header =
        "outage  gateway's word  all back   ideal  offered/s peak  admitted/s mean  peak  refusals a car  most  left out";

    public required FleetCase Case { get; init; }

    public required int Cars { get; init; }

    public required int Back { get; init; }

    /// <summary>After the tower came back.</summary>
    public required TimeSpan AllBackAfter { get; init; }

    /// <summary>Sessions that came to the gateway, in the worst second.</summary>
    public required int OfferedPeak { get; init; }

    public required int AdmittedPeak { get; init; }

    public required double AdmittedPerSecond { get; init; }

    /// <summary>Sessions admitted beyond what rate and burst allow.</summary>
    public required double Excess { get; init; }

    public required double RefusalsMean { get; init; }

    public required int RefusalsMost { get; init; }

    public bool IsGood => Excess == 0 && Back == Cars;

    /// <summary>A line under <see cref="Header"/>.</summary>
    public string Line(double ratePerSecond, int burst) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Case.Outage.TotalSeconds,4:0} s  {(Case.ObeysGateway ? "obeyed" : "ignored"),-14}  {AllBackAfter.TotalSeconds,6:0} s  "
        + $"{Math.Max(0, Cars - burst) / ratePerSecond,4:0} s  {OfferedPeak,14}  {AdmittedPerSecond,15:0.0}  {AdmittedPeak,4}  "
        + $"{RefusalsMean,14:0.0}  {RefusalsMost,4}  {Cars - Back,8}{TooMany}");

    private string TooMany => Excess == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture, $"  TOO MANY AT ONCE: {Excess:0.0} beyond rate and burst");
}
