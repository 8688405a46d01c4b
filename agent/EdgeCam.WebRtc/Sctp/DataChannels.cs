using System.Diagnostics.CodeAnalysis;
using System.Text;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>
/// Data channels over one association (RFC 8831, RFC 8832): the head of this folder. It owns the association; a peer connection feeds it
/// what DTLS decrypts and sends, encrypted, what it writes.
/// </summary>
/// <remarks>
/// Left out: priorities (read and ignored; channels take turns message by message), externally negotiated channels, the deprecated
/// PPIDs 52 and 54, and the check that the peer keeps to its half of the ids (aiortc and werift choose by ICE role): an id that is free
/// is accepted.
/// </remarks>
internal sealed partial class DataChannels
{
    /// <summary>Channels at once; more are refused by a reset and counted.</summary>
    public const int MaxChannels = 64;

    private const int MaxEarlyMessages = 16;
    private const int MaxEarlyBytes = 64 * 1024;

    private readonly SctpOptions _options;
    private readonly SctpAssociation _association;
    private readonly Dictionary<ushort, DataChannel> _channels = [];
    private readonly Queue<(DataChannelEvent Event, WindowShare Share)> _events = [];
    private readonly List<(SctpEvent.MessageReceived Message, WindowShare Share)> _early = [];

    public DataChannels(SctpOptions options)
    {
        _options = options;
        _association = new(options);
    }

    public SctpCounters Counters => _association.Counters;

    public bool IsConnected => _association.IsEstablished;

    /// <summary>Closed or aborted: nothing more is sent or accepted.</summary>
    public bool IsOver => _association.IsOver;

    public Instant NextTimeout => _association.NextTimeout;

    /// <summary>Channels that are not wholly closed.</summary>
    public int ChannelCount => _channels.Count;

    internal SctpAssociation Association => _association;

    /// <summary>DTLS is up: begins, or waits for the peer to begin.</summary>
    public void Connect(Instant now) => _association.Connect(now);

    public void HandleDatagram(ReadOnlySpan<byte> packet, Instant now)
    {
        _association.HandleDatagram(packet, now);
        TakeEvents();
    }

    public void HandleTimeout(Instant now)
    {
        _association.HandleTimeout(now);
        TakeEvents();
    }

    /// <summary>Writes one packet.</summary>
    public bool TryTransmit(Span<byte> buffer, Instant now, out int length) => _association.TryTransmit(buffer, now, out length);

    /// <summary>A message stops counting against the peer's window when its event is taken; call <see cref="TryTransmit"/> after.</summary>
    public bool TryGetEvent([NotNullWhen(true)] out DataChannelEvent? happened)
    {
        var taken = _events.TryDequeue(out var next);
        next.Share.Release();
        happened = next.Event;
        return taken;
    }

    /// <summary>Opens a channel; messages may be sent at once. It may be called before the association is established.</summary>
    /// <returns>False where the association is over, 64 channels exist, or the names are too long.</returns>
    public bool TryOpen(string label, string protocol, ChannelReliability reliability, out ushort id)
    {
        // Even ids are the DTLS client's (RFC 8832 §6).
        id = (ushort)(_options.IsClient ? 0 : 1);
        while (_channels.ContainsKey(id) || IsBusy(id))
            id += 2;
        if (_channels.Count >= MaxChannels || Encoding.UTF8.GetByteCount(label) > Dcep.MaxName || Encoding.UTF8.GetByteCount(protocol) > Dcep.MaxName
            || !_association.Send(id, (uint)PayloadProtocol.Dcep, Dcep.MakeOpen(label, protocol, reliability), SendParameters.Reliable, isInternal: true))
            return false;
        _channels[id] = new(id, label, protocol, reliability, DataChannelState.Opening);
        return true;
    }

    /// <summary>Sends a message. Policy: what does not fit the send buffer (1 MiB for all channels) is refused and counted.</summary>
    /// <returns>False where the channel is not open, the message longer than the peer accepts, or the buffer full.</returns>
    public bool Send(ushort id, ReadOnlySpan<byte> data, bool isText, Instant now)
    {
        if (!_channels.TryGetValue(id, out var channel) || channel.State == DataChannelState.Closing)
            return false;
        if (_options.RemoteMaxMessageSize > 0 && data.Length > _options.RemoteMaxMessageSize)
        {
            Counters.MessagesRefused++;
            return false;
        }

        if (!_association.HasRoomFor(data.Length))
            return false;

        // SCTP cannot send nothing: an empty message is one zero byte with a PPID of its own (RFC 8831 §6.6).
        var (ppid, payload) = (data.IsEmpty, isText) switch
        {
            (true, true) => (PayloadProtocol.StringEmpty, new byte[1]),
            (true, false) => (PayloadProtocol.BinaryEmpty, new byte[1]),
            (false, true) => (PayloadProtocol.String, data.ToArray()),
            (false, false) => (PayloadProtocol.Binary, data.ToArray()),
        };
        var reliability = channel.Reliability;
        var parameters = new SendParameters(
            !reliability.IsOrdered && channel.State == DataChannelState.Open, // before the ACK in order, behind the OPEN (RFC 8832 §6)
            reliability.MaxLifetime is { } lifetime ? now + lifetime : Instant.Never,
            reliability.MaxRetransmits ?? int.MaxValue);
        return _association.Send(id, (uint)ppid, payload, parameters);
    }

    /// <summary>Bytes queued on a channel and not yet sent, as W3C's bufferedAmount.</summary>
    public int BufferedAmount(ushort id) => _channels.ContainsKey(id) ? _association.BufferedAmount(id) : 0;

    /// <summary>Closes a channel by resetting its stream after all that was queued has arrived (RFC 8831 §6.7).</summary>
    public void CloseChannel(ushort id)
    {
        if (_channels.TryGetValue(id, out var channel) && channel.State != DataChannelState.Closing)
            BeginClosing(channel);
    }

    /// <summary>Ends the association in order: what is queued is delivered first.</summary>
    public void Shutdown(Instant now)
    {
        _association.Shutdown(now);
        TakeEvents();
    }

    public void Abort(Instant now)
    {
        _association.Abort(now);
        TakeEvents();
    }

    /// <summary>Our half of an id that a refused channel had, or whose reset is under way.</summary>
    private bool IsBusy(ushort id) => !_association.IsIdle(id);
}
