using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>
/// Device and viewer behind NATs of named behaviour, with and without TURN: who can connect, does; who cannot, is told so in words.
/// Chromium is the viewer, and the TURN server knows none but credentials that the device has minted.
/// </summary>
public sealed class NatTests(ITestOutputHelper output)
{
    private const string Stun = "turn.test:3478";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    /// <summary>The telling cells; under <c>--soak</c> all of them.</summary>
    public static TheoryData<string, string, string> Cells
    {
        get
        {
            var cells = new TheoryData<string, string, string>();
            if (!Workplace.IsSoak)
            {
                cells.Add(nameof(NatBehaviour.EndpointIndependent), nameof(NatBehaviour.EndpointIndependent), nameof(TurnOffer.None));
                cells.Add(nameof(NatBehaviour.AddressAndPortDependent), nameof(NatBehaviour.AddressAndPortDependent), $"{TurnOffer.None} {TurnOffer.Udp} {TurnOffer.Tls}");
                cells.Add(nameof(NatBehaviour.EndpointIndependent), nameof(NatBehaviour.AddressAndPortDependent), nameof(TurnOffer.AllWithoutUdp));
                return cells;
            }

            var all = string.Join(' ', Enum.GetNames<TurnOffer>());
            foreach (var device in Enum.GetNames<NatBehaviour>())
            {
                foreach (var viewer in Enum.GetNames<NatBehaviour>())
                    cells.Add(device, viewer, all);
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Who_can_connect_does_and_who_cannot_is_told(string deviceNat, string viewerNat, string turnOffers)
    {
        var (device, viewer) = (Enum.Parse<NatBehaviour>(deviceNat), Enum.Parse<NatBehaviour>(viewerNat));
        await using var scene = await LabScene.CreateAsync(device, viewer, viewerDelay: null, Stun);
        var turn = await Coturn.StartAsync(scene.Lab);
        var row = new StringBuilder($"device {Words(device)}, viewer {Words(viewer)}");
        List<string> failures = [];
        foreach (var offer in turnOffers.Split(' ').Select(Enum.Parse<TurnOffer>))
        {
            await scene.StartAgentAsync(adjustPeers: peers =>
            {
                peers["stunServers"] = new JsonArray(Stun);
                peers["turnServers"] = new JsonArray([.. Transports(offer).Select(transport => turn.Settings(transport))]);
                if (Transports(offer).Contains(TurnTransport.Tls))
                    peers["turnCaFile"] = scene.Lab.Authority.CaFile;
            });
            scene.Lab.Viewer.BlockUdp(offer == TurnOffer.AllWithoutUdp);
            var opening = await scene.Viewer.OpenAsync(scene.Agent, s_limit);
            var refusal = opening.Words.FirstOrDefault(words => words.Contains("direct path", StringComparison.Ordinal));
            row.Append(CultureInfo.InvariantCulture, $" | {Words(offer)}: ").Append(opening.IsLive
                ? string.Create(CultureInfo.InvariantCulture, $"{opening.After.TotalMilliseconds:F0} ms by {opening.Path}")
                : $"none in 20 s, \"{refusal ?? opening.Words[^1]}\"");
            if (CanConnect(device, viewer, offer))
            {
                if (!opening.IsLive || opening.Device != LabScene.Device)
                    failures.Add($"{Words(offer)} should have connected, with a data channel: {scene.Story(opening)}");
            }
            else if (opening.IsLive || refusal is null)
            {
                failures.Add($"{Words(offer)} should have failed with words on the path: {opening}");
            }

            await scene.Viewer.CloseAsync();
        }

        output.WriteLine(row.ToString());
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        await scene.StopAgentAsync();
    }

    /// <summary>Without a relay one side must be reachable from everywhere, or both keep one mapping for all peers.</summary>
    private static bool CanConnect(NatBehaviour device, NatBehaviour viewer, TurnOffer offer) =>
        offer != TurnOffer.None || device == NatBehaviour.None || viewer == NatBehaviour.None
            || (device == NatBehaviour.EndpointIndependent && viewer == NatBehaviour.EndpointIndependent);

    private static TurnTransport[] Transports(TurnOffer offer) => offer switch
    {
        TurnOffer.None => [],
        TurnOffer.Udp => [TurnTransport.Udp],
        TurnOffer.Tcp => [TurnTransport.Tcp],
        TurnOffer.Tls => [TurnTransport.Tls],
        _ => Enum.GetValues<TurnTransport>(),
    };

    private static string Words(NatBehaviour nat) => nat switch
    {
        NatBehaviour.None => "without NAT",
        NatBehaviour.EndpointIndependent => "cone",
        _ => "symmetric",
    };

    private static string Words(TurnOffer offer) => offer switch
    {
        TurnOffer.None => "no TURN",
        TurnOffer.AllWithoutUdp => "viewer's UDP blocked",
        _ => offer.ToString().ToUpperInvariant(),
    };
}
