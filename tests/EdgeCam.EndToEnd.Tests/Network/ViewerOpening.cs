using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>What came of opening the page.</summary>
internal sealed class ViewerOpening(JsonNode answer)
{
    public bool IsLive => answer["live"]!.GetValue<bool>();

    /// <summary>From opening the page, its broker included, to the first picture on the screen; or to giving up.</summary>
    public TimeSpan After => TimeSpan.FromMilliseconds(answer["afterMs"]!.GetValue<double>());

    /// <summary>Types of the pair's local and remote candidate, and how the browser reaches its relay: <c>relay/tls-srflx</c>.</summary>
    public string? Path => answer["path"]?.GetValue<string>();

    /// <summary>As <c>device.info</c> named it over the data channel.</summary>
    public string? Device => answer["device"]?.GetValue<string>();

    /// <summary>What the page said, in its own words.</summary>
    public IReadOnlyList<string> Words => [.. answer["states"]!.AsArray().Select(state => $"{state!["name"]}: {state["detail"]}")];

    public override string ToString() => answer.ToJsonString();
}
