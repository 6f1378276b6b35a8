namespace AvSdk.Gateway.Web;

/// <summary>What somebody sees who opens the gateway's address.</summary>
internal static class IndexPage
{
    public static string Text(string software) =>
        $"""
        {software}: takes in what vehicles record, keeps it, and serves it by vehicle, time and topic.

        /v1/export.mcap   a selection as one MCAP file; parameters: {ExportRequest.Parameters}
                          /v1/export.mcap?vehicle=veh-042&topic=/camera/*&from=2026-11-21T10:03:10Z
        /healthz          the process answers
        /readyz           it can make chunks durable
        /metrics          counters, as Prometheus reads them

        gRPC (HTTP/2): av.v1.Ingest for vehicles; av.v1.Query and av.v1.Catalogue for readers.

        """;
}
