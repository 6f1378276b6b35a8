using AvSdk.Contracts.V1;
using AvSdk.Recording;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class OtherVehicleTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_another_vehicle_recorded_stays_in_the_spool_and_holds_nothing_up()
    {
        Bench misnamed = new();
        LocalRecorder first = await misnamed.OpenAsync();
        RecordingToSpoolTests.WriteMany(first.Channel(Bench.Spec("/imu")), 1, 10, 100);
        await first.DisposeAsync();
        string kept = misnamed.Files.Segments.Single();

        Bench bench = new() { Files = misnamed.Files, Gateway = new FakeGateway() };
        bench = new() { Files = bench.Files, Gateway = bench.Gateway, Options = WithoutDrain(bench.Options with { VehicleId = "veh-043" }) };
        LocalRecorder second = await bench.OpenAsync();
        await Eventually.Holds(() => second.Status.Recovery.IsDone);
        RecordingToSpoolTests.WriteMany(second.Channel(Bench.Spec("/imu")), 11, 10, 100);
        await second.FlushAsync(Ct);
        await Eventually.Holds(() => second.Ledger.Delivered == 10);
        await second.DisposeAsync();

        Assert.Equal(Enumerable.Range(11, 10).Select(number => (uint)number), UploadTests.Stored(bench.Gateway!));
        RecordingInfo only = bench.Gateway!.Recordings.Values.Single().Recording;
        Assert.Equal("veh-043", only.VehicleId);
        Assert.Contains(kept, bench.Files.Names);
    }

    // The clock stands: waiting for what is never delivered would not end.
    private static RecorderOptions WithoutDrain(RecorderOptions options) =>
        options with { Upload = options.Upload with { DrainTimeout = TimeSpan.Zero } };
}
