using AvSdk.Recording.Uplink;
using AvSdk.Uplink;

namespace AvSdk.Tests.Uplink;

public sealed class GrpcUploadTests : UploadContract
{
    private protected override IUplink NewUplink(string vehicleId) => new GrpcUplink(Gateway.Address.OriginalString);
}
