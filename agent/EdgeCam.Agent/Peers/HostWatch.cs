using System.Diagnostics;
using System.Net.NetworkInformation;
using System.Threading.Channels;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Peers;

/// <summary>
/// Reads the host's addresses anew whenever the system says that they changed, when IPv6 addresses did, of which .NET does not hear, and now and again in
/// case that nobody said so.
/// </summary>
/// <param name="read">Takes milliseconds: not for the loop that sends the pictures.</param>
/// <param name="changed">Told the new list; from any thread. Asked again where it could not take it.</param>
internal sealed class HostWatch(Func<IReadOnlyList<TransportAddress>> read, Func<IReadOnlyList<TransportAddress>, bool> changed) : IDisposable
{
    private const string OwnIPv6Addresses = "/proc/net/if_inet6";
    private const int Compared = 8 * 1024; // bytes of it, a hundred addresses

    private static readonly TimeSpan s_reread = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(100); // a change comes as several messages

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(2) { FullMode = BoundedChannelFullMode.DropWrite }); // true: more may follow in a moment
    private readonly SafeFileHandle? _addresses = Open(OwnIPv6Addresses);
    private byte[] _seen = new byte[Compared], _now = new byte[Compared];
    private int _seenLength = -1;
    private long _readAt;

    /// <param name="known">What is known already.</param>
    public async Task RunAsync(IReadOnlyList<TransportAddress> known, CancellationToken stop)
    {
        NetworkChange.NetworkAddressChanged += OnNews;
        NetworkChange.NetworkAvailabilityChanged += OnNews;
        try
        {
            while (true)
            {
                if (await _news.Reader.ReadAsync(stop))
                    await Task.Delay(s_settle, stop);
                Volatile.Write(ref _readAt, Stopwatch.GetTimestamp());
                if (TryRead() is { } addresses && (addresses.SequenceEqual(known) || changed(addresses)))
                    known = addresses;
                else
                    Volatile.Write(ref _readAt, 0); // with the next look
            }
        }
        catch (OperationCanceledException)
        {
            // stopped
        }
        finally
        {
            NetworkChange.NetworkAddressChanged -= OnNews;
            NetworkChange.NetworkAvailabilityChanged -= OnNews;
        }
    }

    /// <summary>
    /// For the loop, about once a second: have IPv6 addresses changed, or is it time to read all anew? Takes microseconds, and wakes nobody where neither is so.
    /// </summary>
    public void Look()
    {
        var isDue = IsIPv6Changed() || Stopwatch.GetElapsedTime(Volatile.Read(ref _readAt)) >= s_reread;
        if (isDue && _news.Reader.Count == 0) // there is always room for news besides
            _news.Writer.TryWrite(false);
    }

    public void Dispose() => _addresses?.Dispose();

    /// <returns>Null where an interface went while it was read: the next look will do.</returns>
    private IReadOnlyList<TransportAddress>? TryRead()
    {
        try
        {
            return read();
        }
        catch (NetworkInformationException)
        {
            return null;
        }
    }

    private static SafeFileHandle? Open(string file)
    {
        try
        {
            return File.OpenHandle(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null; // there is no IPv6
        }
    }

    /// <summary>One short file instead of all interfaces with all they have: at rest that was the most that the agent did.</summary>
    private bool IsIPv6Changed()
    {
        var length = _addresses is null ? 0 : RandomAccess.Read(_addresses, _now, 0);
        if (length == _seenLength && _now.AsSpan(0, length).SequenceEqual(_seen.AsSpan(0, length)))
            return false;
        (_seen, _now, _seenLength) = (_now, _seen, length);
        return true;
    }

    private void OnNews(object? sender, EventArgs change) => _news.Writer.TryWrite(true);
}
