namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>The classes whose tests share a device.</summary>
[CollectionDefinition(Name)]
public sealed class OnSharedDevice : ICollectionFixture<SharedDevice>
{
    public const string Name = "A shared device";
}
