using System.Diagnostics.CodeAnalysis;
using MQTTnet.Packets;

namespace EdgeCam.Sims.Fleet;

/// <summary>What came for a device and its loop has not looked at. Policy: of published messages the newest is dropped when there are 128, and counted.</summary>
internal sealed class FleetInbox(FleetCounters counters) : IDisposable
{
    private const int Most = 128;

    private readonly Lock _gate = new();
    private readonly Queue<MqttPacket> _packets = [];
    private readonly SemaphoreSlim _news = new(0);
    private LinkEnd? _end;

    /// <summary>How the connection ended; null: it has not.</summary>
    public LinkEnd? Ended
    {
        get
        {
            lock (_gate)
                return _end;
        }
    }

    public void Add(MqttPacket packet)
    {
        lock (_gate)
        {
            if (packet is MqttPublishPacket && _packets.Count >= Most)
            {
                counters.WasFlooded();
                return;
            }

            _packets.Enqueue(packet);
        }

        _news.Release();
    }

    public void End(LinkEnd end)
    {
        lock (_gate)
            _end ??= end;
        _news.Release();
    }

    public bool TryTake([NotNullWhen(true)] out MqttPacket? packet)
    {
        lock (_gate)
            return _packets.TryDequeue(out packet);
    }

    /// <summary>Ends when something came, or so much time is over.</summary>
    /// <exception cref="OperationCanceledException">Stopped before.</exception>
    public async Task WaitAsync(TimeSpan most, CancellationToken stop)
    {
        if (await _news.WaitAsync(most, stop))
        {
            while (_news.Wait(0, CancellationToken.None))
            {
                // All that came is looked at in one turn.
            }
        }
    }

    public void Dispose() => _news.Dispose();
}
