using System.Net.NetworkInformation;
using System.Threading.Channels;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>Reads the host's addresses anew whenever the system says that they changed, and now and again in case that it did not say so.</summary>
/// <param name="read">Takes milliseconds: not for the loop that sends the pictures.</param>
/// <param name="changed">Told the new list; from any thread. Asked again where it could not take it.</param>
internal sealed class HostWatch(Func<IReadOnlyList<TransportAddress>> read, Func<IReadOnlyList<TransportAddress>, bool> changed)
{
    private static readonly TimeSpan s_reread = TimeSpan.FromSeconds(1); // of IPv6 addresses .NET does not hear
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(100); // a change comes as several messages

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <param name="known">What is known already.</param>
    public async Task RunAsync(IReadOnlyList<TransportAddress> known, CancellationToken stop)
    {
        NetworkChange.NetworkAddressChanged += OnNews;
        NetworkChange.NetworkAvailabilityChanged += OnNews;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                if (await IsNewsAsync(stop))
                    await Task.Delay(s_settle, stop);
                if (TryRead() is { } addresses && !addresses.SequenceEqual(known) && changed(addresses))
                    known = addresses;
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

    private void OnNews(object? sender, EventArgs change) => _news.Writer.TryWrite(true);

    /// <returns>False where the time for another look came first.</returns>
    private async Task<bool> IsNewsAsync(CancellationToken stop)
    {
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(stop);
        scope.CancelAfter(s_reread);
        try
        {
            return await _news.Reader.ReadAsync(scope.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return false;
        }
    }
}
