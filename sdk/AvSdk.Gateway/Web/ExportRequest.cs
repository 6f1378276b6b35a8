using System.Globalization;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Query;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace AvSdk.Gateway.Web;

/// <summary>The query string of an export as a selection.</summary>
internal static class ExportRequest
{
    public const string Parameters = "vehicle, recording, topic (each may be repeated), from, to, as_of";

    /// <exception cref="QueryRefusal">
    /// A parameter is unknown or does not parse; the message names the remedy.
    /// </exception>
    public static Selection Parse(IQueryCollection query)
    {
        Selection selection = new();
        foreach ((string name, StringValues values) in query)
        {
            foreach (string value in values.OfType<string>())
                Add(selection, name, value);
        }

        return selection;
    }

    private static void Add(Selection selection, string name, string value)
    {
        switch (name)
        {
            case "vehicle":
                selection.VehicleIds.Add(value);
                break;
            case "recording" when Guid.TryParse(value, out Guid recording):
                selection.RecordingIds.Add(RecordingIds.Write(recording));
                break;
            case "topic":
                selection.Topics.Add(value);
                break;
            case "from" when !selection.HasStart && WebTime.TryParse(value, out ulong from):
                selection.Start = from;
                break;
            case "to" when !selection.HasEnd && WebTime.TryParse(value, out ulong to):
                selection.End = to;
                break;
            case "as_of" when ulong.TryParse(
                value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong asOf):
                selection.AsOf = asOf;
                break;
            case "recording":
                throw Bad(
                    $"recording is \"{value}\"; give its UUID, for example "
                    + "01981c1e-7c00-7000-8000-000000000000.");
            case "from" or "to":
                throw Bad(
                    $"{name} is \"{value}\"; give one time, in ns since 1970 or as RFC 3339, for example "
                    + "2026-11-21T10:03:10.5Z.");
            case "as_of":
                throw Bad($"as_of is \"{value}\"; give the number that a plan or an earlier answer told.");
            default:
                throw Bad($"The parameter \"{name}\" is not known here; there are {Parameters}.");
        }
    }

    private static QueryRefusal Bad(string message) => new(QueryRefusalKind.BadRequest, message);
}
