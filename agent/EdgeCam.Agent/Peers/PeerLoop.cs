using System.Net.Sockets;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers.Interop;
using EdgeCam.Agent.Peers.Mdns;
using EdgeCam.Agent.Peers.Relays;
using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>
/// One thread that owns the media port and its viewers. Each turn: orders, pictures, datagrams, timeouts, and then one system call
/// that sends for all viewers. Everyone else posts to its inbox; where viewers are few, a camera's thread then sends its picture in the loop's place.
/// </summary>
internal sealed partial class PeerLoop : IDisposable
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// So long reports may wait for a picture, longer than from one to the next of 25 a second: that wakes somebody anyhow, and to wake up for each report costs
    /// more than to read it.
    /// </summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(45);

    private static readonly TimeSpan s_longRest = TimeSpan.FromMilliseconds(200); // while the camera's thread reads them that often: only should it stop

    private readonly PeersOptions _options;
    private readonly ILogger _log;
    private readonly MediaPort _port;
    private readonly DatagramReceiver _receiver = new();
    private readonly DatagramSender[] _senders;
    private readonly bool[] _wantWrite;
    private readonly LoopInbox _inbox;
    private readonly PollSet _poll;
    private readonly ViewerSet _viewers;
    private readonly LoopDrops _drops;
    private readonly HostWatch _hosts;
    private readonly MdnsResolver _names;
    private readonly RelaySet _relays;
    private readonly Progress? _progress;
    private readonly Func<Instant, bool> _transmit;
    private Instant _nextCount, _directAt;
    private bool _isRelieved; // the camera's thread reads reports more often than each rest
    private long _lookAt; // ticks of an Instant: until then reports wait

    /// <param name="port">Belongs to the loop from now on; null: it opens that of the options.</param>
    public PeerLoop(
        PeersOptions options, DtlsContext dtls, StunServers stun, RelaySettings relays, IChannelHandler channels, DropCounters drops, ILogger<PeerLoop> log, Progress? progress = null,
        MediaPort? port = null)
    {
        _options = options;
        _log = log;
        _progress = progress;
        _port = port ?? new MediaPort(options.Port);
        _senders = [.. _port.Sockets.Select(socket => new DatagramSender(socket, options.Segmentation))];
        _wantWrite = new bool[_senders.Length];
        _inbox = new LoopInbox(Statistics, TrySendPictures);
        _poll = new PollSet(_inbox.Wake, _port.Sockets, _port.Reports);
        _names = new(() => HostInterfaces.ForQueries(options.ExcludedInterfaces), drops);
        _viewers = new ViewerSet(options, dtls, stun, _names, _port, _inbox, channels, Statistics, drops, log);
        _relays = new(relays, _port, _inbox.Wake, _viewers, TimeProvider.System, log);
        _viewers.Relays = _relays;
        _drops = new(Statistics, drops);
        _transmit = TransmitForReady;
        _hosts = new(() => _port.HostAddresses(options.ExcludedInterfaces), addresses => _inbox.TryPost(new LoopOrder.Addresses(addresses)));
    }

    public PeerLoopStatistics Statistics { get; } = new();

    /// <summary>The UDP port in use.</summary>
    public int Port => _port.Port;

    /// <summary>Above it a further viewer is refused. Set from any thread.</summary>
    public int MaxViewers
    {
        get => _viewers.MaxViewers;
        set => _viewers.MaxViewers = value;
    }

    /// <summary>Answers an offer. A further one of the same viewer restarts ICE, renegotiates or replaces its connection.</summary>
    public Task<OfferResult> OfferAsync(string viewer, LiveStream stream, string sdp, IViewerObserver observer)
    {
        var order = new LoopOrder.Offer(viewer, stream, sdp, observer, new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!_inbox.TryPost(order))
            order.Result.TrySetResult(LoopInbox.Busy);
        return order.Result.Task;
    }

    /// <summary>Waits until a relay is there, none is to be expected, or the time is over: for answers that nothing can be added to.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits for the answer any more.</exception>
    public async Task WaitForRelayAsync(TimeSpan limit, CancellationToken stop)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_relays.IsConfigured && _inbox.TryPost(new LoopOrder.WantRelay(ready)))
            await Task.WhenAny(ready.Task, Task.Delay(limit, stop));
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>Restarts ICE without an offer, and answers with a fragment (RFC 9725 §4.3.3).</summary>
    public Task<OfferResult> RestartIceAsync(string viewer, IceCredentials credentials, IReadOnlyList<string> candidates)
    {
        var order = new LoopOrder.RestartIce(viewer, credentials, candidates, new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!_inbox.TryPost(order))
            order.Result.TrySetResult(LoopInbox.Busy);
        return order.Result.Task;
    }

    /// <summary>Answers an offer that came by a data channel. Only from within <see cref="IChannelHandler.OnMessage"/>, which runs in the loop.</summary>
    public OfferResult HandleOffer(ViewerChannel channel, string sdp) => _viewers.HandleOffer(channel, sdp, MonotonicClock.Now);

    /// <summary>Lets a viewer turn to another stream. Only from within <see cref="IChannelHandler.OnMessage"/>, which runs in the loop.</summary>
    /// <param name="camera">Null: the one that it watches.</param>
    public SelectResult Select(ViewerChannel channel, LiveStream? camera, StreamChoice choice) => _viewers.Select(channel, camera, choice, MonotonicClock.Now);

    public void AddCandidate(string viewer, string candidate) => _inbox.TryPost(new LoopOrder.Candidate(viewer, candidate));

    public void Close(string viewer) => _inbox.TryPost(new LoopOrder.Close(viewer));

    /// <summary>How each viewer does, read by the loop between two turns; none where it is too busy.</summary>
    public Task<IReadOnlyList<ViewerReport>> DescribeAsync()
    {
        var order = new LoopOrder.Describe(new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!_inbox.TryPost(order))
            order.Result.TrySetResult([]);
        return order.Result.Task;
    }

    /// <summary>Runs on a thread of its own until stopped, and says goodbye to every viewer.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var beside = Task.WhenAll(_hosts.RunAsync(_viewers.Hosts, scope.Token), _names.RunAsync(scope.Token), _relays.RunDialerAsync(scope.Token));
        var running = Task.Factory.StartNew(() => Run(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await scope.CancelAsync();
        await Task.WhenAll(running, beside);
    }

    public void Dispose()
    {
        _viewers.Dispose();
        _relays.Dispose();
        _hosts.Dispose();
        _inbox.Dispose();
        _receiver.Dispose();
        foreach (var sender in _senders)
            sender.Dispose();
        _port.Dispose();
    }

    private void Run(CancellationToken stop)
    {
        using var wake = stop.Register(_inbox.Wake.Set);
        using var turn = _turn.EnterScope(); // but for the waits
        _log.MediaPortOpen(Port, string.Join(", ", _port.HostAddresses(_options.ExcludedInterfaces).Select(address => address.ToIPAddress())));
        while (!stop.IsCancellationRequested)
        {
            _progress?.Within(s_patience);
            Wait();
            var now = MonotonicClock.Now;
            TakeOrders(now);
            DeliverPictures(now);
            Receive(now);
            ReceiveReports(now);
            _relays.HandleTimeouts(now);
            _viewers.HandleTimeouts(now);
            Transmit(now);
            _viewers.RemoveEnded();
            if (now >= _nextCount)
                CountDrops(now);
            Statistics.AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() + _allocatedElsewhere;
        }

        _progress?.Rest();
        var last = MonotonicClock.Now;
        _inbox.Close();
        _viewers.CloseAll(last);
        Transmit(last);
        _relays.CloseAll(last);
        Transmit(last);
        CountDrops(last);
    }

    private void CountDrops(Instant now)
    {
        _nextCount = now + s_longestWait;
        _viewers.CountDrops(now);
        Statistics.DroppedAtRelays = _relays.Dropped;
        _drops.Count();
        _hosts.Look();
    }

    private void Wait()
    {
        var blocked = false;
        for (var i = 0; i < _senders.Length; i++)
            blocked |= _wantWrite[i] = _senders[i].IsPending;
        var (wait, rest, now) = (TimeSpan.Zero, TimeSpan.Zero, MonotonicClock.Now);
        if (_viewers.Ready.Count == 0 || blocked)
        {
            var next = Instant.Min(_viewers.NextTimeout, _relays.NextTimeout);
            wait = next == Instant.Never ? s_longestWait : Clamp(next - now, s_longestWait);
            if (!blocked)
                rest = RestAt(now, wait);
        }

        LendAndWait(wait, rest, now);
        if (_poll.IsWoken)
            _inbox.Wake.Clear();
    }

    private TimeSpan RestAt(Instant now, TimeSpan most) => Clamp(new Instant(Volatile.Read(ref _lookAt)) - now, most);

    private static TimeSpan Clamp(TimeSpan time, TimeSpan most) => TimeSpan.FromTicks(Math.Max(Math.Min(time.Ticks, most.Ticks), 0));

    private void TakeOrders(Instant now)
    {
        while (_inbox.TryTakeOrder(out var order))
        {
            switch (order)
            {
                case LoopOrder.Offer offer:
                    _relays.Want(null, now);
                    offer.Result.SetResult(_viewers.Accept(offer, now));
                    break;
                case LoopOrder.WantRelay want: _relays.Want(want.Ready, now); break;
                case LoopOrder.RestartIce restart: restart.Result.SetResult(_viewers.RestartIce(restart, now)); break;
                case LoopOrder.Output output:
                    _relays.Want(null, now);
                    output.Result.SetResult(output.Work(_viewers, now));
                    break;
                case LoopOrder.Addresses addresses:
                    _viewers.HandleAddresses(addresses.Hosts, now);
                    _relays.HandleAddresses(addresses.Hosts, now);
                    break;
                case LoopOrder.Candidate candidate: _viewers.AddCandidate(candidate, now); break;
                case LoopOrder.Close close: _viewers.Close(close.Viewer, now); break;
                case LoopOrder.Describe describe: describe.Result.SetResult(_viewers.Describe()); break;
                case LoopOrder.Message message: _viewers.Send(message, now); break;
                default: break;
            }
        }
    }

    private void Receive(Instant now)
    {
        for (var index = 0; index < _port.Sockets.Length; index++)
        {
            if (_poll.IsReadable(index))
                Receive(_port.Sockets[index], now);
        }
    }

    /// <returns>Whether there may be more.</returns>
    private bool Receive(Socket socket, Instant now)
    {
        var count = _receiver.Receive(socket);
        var goesOn = true;
        for (var i = 0; i < count; i++)
        {
            var path = _receiver.Path(i, (ushort)Port);
            if (!_relays.TryHandle(_receiver.Datagram(i), path, now))
                _viewers.HandleDatagram(_receiver.Datagram(i), path, now);
            goesOn = goesOn && TransmitForReady(now); // at once: the viewer's state is in the processor's cache
        }

        Statistics.DatagramsReceived += count;
        return count == DatagramReceiver.Capacity;
    }

    /// <returns>False where there are more, and the next look is not to be put off.</returns>
    private bool ReceiveReports(Instant now, bool isDirect = false)
    {
        if (_port.Reports.Length == 0)
            return true; // all wakes the loop

        var isFull = false;
        foreach (var socket in _port.Reports)
            isFull |= Receive(socket, now);
        _isRelieved = now - _directAt < s_rest && (isDirect || _isRelieved);
        if (isDirect)
            _directAt = now;
        Volatile.Write(ref _lookAt, isFull ? 0 : (now + (_isRelieved ? s_longRest : s_rest)).Ticks);
        return !isFull;
    }

    /// <summary>Takes what each ready viewer has to send, in turn, and hands it to the kernel in as few calls as fit.</summary>
    private void Transmit(Instant now)
    {
        TransmitForReady(now);
        TransmitForRelays(now);
        long sent = 0, refused = 0;
        foreach (var sender in _senders)
        {
            sender.Flush();
            sent += sender.Sent;
            refused += sender.Refused;
        }

        Statistics.DatagramsSent = sent;
        Statistics.DatagramsRefused = refused;
    }

    /// <returns>False where the kernel takes no more for now: the rest keep their turn.</returns>
    private bool TransmitForReady(Instant now)
    {
        var ready = _viewers.Ready;
        var served = 0;
        for (; served < ready.Count; served++)
        {
            ready[served].IsReady = false; // before: what its events bring may make it ready again
            if (TransmitFor(ready[served], now))
                continue;
            ready[served].IsReady = true;
            break;
        }

        ready.RemoveRange(0, served);
        return ready.Count == 0;
    }

    /// <summary>After the viewers: what they sent may have asked for permissions and channels.</summary>
    private void TransmitForRelays(Instant now)
    {
        while (_senders[0].HasRoom && _relays.TryTransmit(_senders[0].Free, now, out var transmit))
            HandOver(0, transmit);
    }

    /// <returns>False where the viewer has more to send than there is room for.</returns>
    private bool TransmitFor(Viewer viewer, Instant now)
    {
        while (true)
        {
            var sender = _senders[viewer.Sender];
            if (!sender.HasRoom)
                sender.Flush();
            if (!sender.HasRoom)
                return false;
            if (!_viewers.TryTransmit(viewer, sender.Free, now, out var transmit))
                return true;
            if (transmit.Headroom > 0 && !_relays.TryRoute(sender.Free, transmit, now, out transmit))
                continue; // a connection has it, or it waits for the server's leave

            viewer.Sender = HandOver(viewer.Sender, transmit);
        }
    }

    /// <summary>A message that was written into one sender's free space goes out by the socket of its path's address family.</summary>
    /// <returns>The index of the sender that took it; the same as before where none did, and it is lost as on the way.</returns>
    private int HandOver(int written, Transmit transmit)
    {
        var index = _port.IndexFor(transmit.Path.Remote);
        if (index < 0)
            return written; // no socket of that family
        if (index != written)
        {
            // Rare: this path has the other address family than the last one.
            if (!_senders[index].HasRoom)
                _senders[index].Flush();
            if (!_senders[index].HasRoom)
                return written;
            _senders[written].Free[..transmit.Length].CopyTo(_senders[index].Free);
        }

        _senders[index].Add(transmit);
        return index;
    }
}
