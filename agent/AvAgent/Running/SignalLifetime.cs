using Microsoft.Extensions.Hosting;

namespace AvSdk.Agent.Running;

/// <summary>Stops the host at the first signal.</summary>
internal sealed class SignalLifetime(IHostApplicationLifetime application) : IHostLifetime, IDisposable
{
    private readonly StopSignals _signals = new();
    private CancellationTokenRegistration _registration;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _registration = _signals.Asked.Register(application.StopApplication);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _registration.Dispose();
        _signals.Dispose();
    }
}
