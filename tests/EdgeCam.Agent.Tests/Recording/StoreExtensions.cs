using EdgeCam.Agent.Recording;

namespace EdgeCam.Agent.Tests.Recording;

internal static class StoreExtensions
{
    /// <summary>The same store, which has read what is there.</summary>
    public static RecordingStore Opened(this RecordingStore store)
    {
        store.Open();
        store.ReadHeads();
        return store;
    }
}
