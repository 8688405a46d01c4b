using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.WebRtc.Tests.Simulation;

/// <summary>The engine as the agent uses it, with a camera that makes pictures of random bytes.</summary>
internal sealed class VirtualAgent : IVirtualNode, IDisposable
{
    private readonly SeededRandom _random;
    private readonly DtlsContext _context;
    private readonly PeerConnectionOptions _options;
    private long _pictures;

    public VirtualAgent(int seed, TransportAddress address, Instant now, params IReadOnlyList<TransportAddress> stunServers)
    {
        _random = new SeededRandom(seed);
        var certificate = DtlsCertificate.Create(DateTimeOffset.UnixEpoch.AddYears(56), _random);
        _context = new DtlsContext(certificate, DtlsContext.DefaultProfiles, new VirtualRetransmissionClock());
        _options = new(_context, _random, new NtpClock(now, NtpTime.FromUnixTime(DateTimeOffset.UnixEpoch.AddYears(56))), [address], stunServers, new(66, 0xE0, 31), "cam0");
    }

    /// <summary>Handed to each connection: what is remembered of an address.</summary>
    public Func<TransportAddress, RememberedLink>? Remembered { get; init; }

    /// <summary>Whether <see cref="Sent"/> grows.</summary>
    public bool KeepsPictures { get; init; } = true;

    public AccessUnitPool Pool { get; } = new();

    public PeerConnection? Peer { get; private set; }

    public string Error { get; private set; } = "";

    public List<PeerEvent> Events { get; } = [];

    /// <summary>The NAL units of every picture sent.</summary>
    public List<byte[][]> Sent { get; } = [];

    public Instant NextTimeout => Peer?.NextTimeout ?? Instant.Never;

    public string? Accept(string offer, Instant now)
    {
        if (PeerConnection.TryAccept(offer, _options with { Remembered = Remembered }, now, out var peer, out var answer, out var error))
        {
            Peer = peer;
            return answer;
        }

        Error = error.Message;
        return null;
    }

    /// <summary>As the agent does for an output: it offers, the other answers.</summary>
    public PeerOffer Offer(Instant now) => PeerConnection.CreateOffer(_options, now);

    public string? Connect(PeerOffer offer, string answer, Instant now)
    {
        if (PeerConnection.TryConnect(offer, answer, now, out var peer, out var error))
        {
            Peer = peer;
            return null;
        }

        return error.Message;
    }

    /// <summary>Sends a picture: an IDR picture with parameter sets, or one slice.</summary>
    public void SendPicture(int size, bool isIdr, Instant now)
    {
        using var unit = Pool.Rent();
        unit.CaptureTime = now;
        unit.IsIdr = isIdr;
        unit.Number = _pictures++;
        var nalUnits = new List<byte[]>();
        if (isIdr)
            nalUnits.AddRange([[0x67, 0x42, 0xE0, 0x1F, 1, 2, 3], [0x68, 0xCE, 4, 5]]);
        var slice = new byte[size];
        _random.Fill(slice);
        slice[0] = isIdr ? (byte)0x65 : (byte)0x41;
        nalUnits.Add(slice);
        foreach (var nalUnit in nalUnits)
            unit.AddNalUnit(nalUnit);
        H264Packetizer.Packetize(unit, RtpLimits.MaxPayload);
        if (KeepsPictures)
            Sent.Add([.. nalUnits]);
        Peer!.SendFrame(unit, now);
    }

    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
        Peer?.HandleDatagram(datagram, path, now);
        TakeEvents();
    }

    public void HandleTimeout(Instant now)
    {
        Peer?.HandleTimeout(now);
        TakeEvents();
    }

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        transmit = default;
        var sent = Peer?.TryTransmit(buffer, now, out transmit) == true;
        TakeEvents();
        return sent;
    }

    public void Dispose()
    {
        Peer?.Dispose();
        _context.Dispose();
    }

    private void TakeEvents()
    {
        while (Peer is not null && Peer.TryGetEvent(out var peerEvent))
            Events.Add(peerEvent);
    }
}
