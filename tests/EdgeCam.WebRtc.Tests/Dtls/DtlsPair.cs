using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Dtls;

/// <summary>A DTLS client and a DTLS server on a virtual network.</summary>
internal sealed class DtlsPair : IDisposable
{
    public static readonly DtlsCertificate ClientCertificate = CreateCertificate(1);
    public static readonly DtlsCertificate ServerCertificate = CreateCertificate(2);

    private static readonly TransportAddress s_clientAddress = TransportAddress.FromIPv4(0x0A000001, 5000);
    private static readonly TransportAddress s_serverAddress = TransportAddress.FromIPv4(0x0A000002, 6000);

    private readonly DtlsContext _clientContext;
    private readonly DtlsContext _serverContext;

    public DtlsPair(
        int seed = 1,
        IReadOnlyList<SrtpProfile>? clientProfiles = null,
        IReadOnlyList<SrtpProfile>? serverProfiles = null,
        Fingerprint[]? expectedOfServer = null,
        Fingerprint[]? expectedOfClient = null,
        int mtu = 1200)
    {
        Network = new(seed);
        var clock = new VirtualRetransmissionClock();
        _clientContext = new(ClientCertificate, clientProfiles ?? DtlsContext.DefaultProfiles, clock);
        _serverContext = new(ServerCertificate, serverProfiles ?? DtlsContext.DefaultProfiles, clock);
        Client = new(
            new(_clientContext, SetupRole.Active, expectedOfServer ?? [ServerCertificate.Fingerprint], Network.Now, mtu),
            new(s_clientAddress, s_serverAddress));
        Server = new(
            new(_serverContext, SetupRole.Passive, expectedOfClient ?? [ClientCertificate.Fingerprint], Network.Now, mtu),
            new(s_serverAddress, s_clientAddress));
        Network.Attach(Client, s_clientAddress);
        Network.Attach(Server, s_serverAddress);
    }

    public VirtualNetwork Network { get; }

    public DtlsNode Client { get; }

    public DtlsNode Server { get; }

    public static DtlsCertificate CreateCertificate(int seed) => DtlsCertificate.Create(DateTimeOffset.UnixEpoch.AddYears(55), new SeededRandom(seed));

    public bool Connect() => Network.RunUntil(() => Client.KeyingMaterial is not null && Server.KeyingMaterial is not null, TimeSpan.FromSeconds(30));

    public void Dispose()
    {
        Client.Transport.Dispose();
        Server.Transport.Dispose();
        _clientContext.Dispose();
        _serverContext.Dispose();
    }
}
