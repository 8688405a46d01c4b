using System.Diagnostics;
using System.Net.NetworkInformation;
using System.Threading.Channels;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>
/// Reads the host's addresses anew whenever the system says that they changed, when IPv6 addresses did, of which .NET does not hear, and now and again in
/// case that nobody said so.
/// </summary>
/// <param name="read">Takes milliseconds: not for the loop that sends the pictures.</param>
/// <param name="changed">Told the new list; from any thread. Asked again where it could not take it.</param>
internal sealed class HostWatch(Func<IReadOnlyList<TransportAddress>> read, Func<IReadOnlyList<TransportAddress>, bool> changed)
{
    private const string OwnIPv6Addresses = "/proc/net/if_inet6";

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_reread = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(100); // a change comes as several messages

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(2) { FullMode = BoundedChannelFullMode.DropWrite }); // true: there is news; false: time for a look
    private byte[] _seen = [];
    private long _readAt;

    /// <param name="known">What is known already.</param>
    public async Task RunAsync(IReadOnlyList<TransportAddress> known, CancellationToken stop)
    {
        NetworkChange.NetworkAddressChanged += OnNews;
        NetworkChange.NetworkAvailabilityChanged += OnNews;
        await using var looks = new Timer(_ => MakeLookDue(), null, s_look, s_look);
        try
        {
            while (true)
            {
                if (await _news.Reader.ReadAsync(stop))
                    await Task.Delay(s_settle, stop);
                else if (!IsIPv6Changed() && Stopwatch.GetElapsedTime(_readAt) < s_reread)
                    continue;
                _readAt = Stopwatch.GetTimestamp();
                if (TryRead() is { } addresses && (addresses.SequenceEqual(known) || changed(addresses)))
                    known = addresses;
                else
                    _readAt = 0; // with the next look
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

    /// <summary>One short file instead of all interfaces with all they have: at rest that was the most that the agent did.</summary>
    private bool IsIPv6Changed()
    {
        byte[] now;
        try
        {
            now = File.ReadAllBytes(OwnIPv6Addresses);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            now = []; // there is no IPv6
        }

        if (now.AsSpan().SequenceEqual(_seen))
            return false;
        _seen = now;
        return true;
    }

    /// <summary>There is always room for news besides.</summary>
    private void MakeLookDue()
    {
        if (_news.Reader.Count == 0)
            _news.Writer.TryWrite(false);
    }

    private void OnNews(object? sender, EventArgs change) => _news.Writer.TryWrite(true);
}
