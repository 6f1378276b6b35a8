using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace AvSdk.Tests.Mcap.Reading;

/// <summary>A web server with one file, which answers range requests as ASP.NET does, or as a test wants it.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FileServer(WebApplication app)
    {
        _app = app;
    }

    public HttpClient Client { get; } = new();

    public Uri Uri { get; private set; } = new("http://localhost");

    public byte[] File { get; set; } = [];

    public EntityTagHeaderValue? Tag { get; set; } = new("\"1\"");

    public DateTimeOffset? Modified { get; set; }

    /// <summary>When set, answers instead; false: as always.</summary>
    public Func<HttpContext, Task<bool>>? Instead { get; set; }

    /// <summary>The Range headers that came.</summary>
    public List<string> Ranges { get; } = [];

    public static async Task<FileServer> StartAsync(byte[] file)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        FileServer server = new(app) { File = file };
        app.Run(server.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        server.Uri = new Uri(app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>()
            .Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/drive.mcap");
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        lock (Ranges)
            Ranges.Add(context.Request.Headers.Range.ToString());
        if (Instead is null || !await Instead(context))
        {
            await Results.Bytes(File, "application/octet-stream", null, true, Modified, Tag)
                .ExecuteAsync(context);
        }
    }
}
