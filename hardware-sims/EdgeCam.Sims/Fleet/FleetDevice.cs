using System.Buffers;
using EdgeCam.Sims.Fleet.Model;
using MQTTnet.Packets;

namespace EdgeCam.Sims.Fleet;

/// <summary>A simulated device and its connection to the broker, from one to the next. One loop owns the agent's model.</summary>
internal sealed class FleetDevice(SimulatedAgent agent, FleetOptions options, FleetDialer dialer, FleetCounters counters, Func<double> random)
{
    private const int MaxUnacknowledged = 16;

    private static readonly TimeSpan s_shortestTurn = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_longestTurn = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private readonly RetryWaits _waits = new(random);
    private int _attempts; // since it was last connected
    private volatile bool _wasConnected;

    /// <summary>It has been connected once.</summary>
    public bool WasConnected => _wasConnected;

    /// <param name="delay">Until it is switched on.</param>
    public async Task RunAsync(TimeSpan delay, CancellationToken stop)
    {
        try
        {
            await Task.Delay(delay, stop);
            while (true)
            {
                agent.Start();
                while (await ConnectAsync(stop) is var (end, lived) && end != LinkEnd.Left)
                    await Task.Delay(_waits.Next(end, lived), stop);
                await Task.Delay(agent.Away, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end of the fleet.
        }
    }

    private async Task<(LinkEnd End, TimeSpan Lived)> ConnectAsync(CancellationToken stop)
    {
        counters.Tried(++_attempts);
        FleetLink? link = null;
        using var inbox = new FleetInbox(counters);
        try
        {
            link = new(await dialer.DialAsync(counters, stop), agent, options, inbox);
            await link.OpenAsync(stop);
        }
        catch (LinkException failure)
        {
            link?.Dispose();
            counters.Ended(failure.End, wasConnected: false);
            return (failure.End, TimeSpan.Zero);
        }
        catch (OperationCanceledException)
        {
            link?.Dispose();
            throw;
        }

        var reading = link.ReadAsync();
        var since = agent.Now;
        counters.WasConnected();
        (_attempts, _wasConnected) = (0, true);
        agent.Connected();
        LinkEnd end;
        try
        {
            end = await ServeAsync(link, inbox, stop);
        }
        finally
        {
            if (stop.IsCancellationRequested)
                await FarewellAsync(link, inbox);
            link.Dispose();
            await reading;
            agent.Disconnected(link.Unsent());
        }

        counters.Ended(end, wasConnected: true);
        return (end, agent.Now - since);
    }

    private async Task<LinkEnd> ServeAsync(FleetLink link, FleetInbox inbox, CancellationToken stop)
    {
        // The device pings after three quarters of the keep-alive, whatever else it sends, and gives the broker half of it to answer.
        var (pingAt, answerBy) = (agent.Now + (options.KeepAlive * 0.75), (TimeSpan?)null);
        while (true)
        {
            if (Look(link, inbox))
                answerBy = null;
            if (inbox.Ended is { } end)
                return end;
            agent.Advance();
            while (link.Unacknowledged < MaxUnacknowledged && agent.TryTake(out var message, out var left))
                await link.PublishAsync(message, left);
            counters.GaveUp(agent.TakeGivenUp());
            if (agent.IsLeaving && link.Unacknowledged == 0)
            {
                await FarewellAsync(link, inbox);
                return LinkEnd.Left;
            }

            var now = agent.Now;
            if (now >= answerBy)
                return LinkEnd.Lost;
            if (now >= pingAt)
            {
                (pingAt, answerBy) = (now + (options.KeepAlive * 0.75), now + (options.KeepAlive / 2));
                await link.PingAsync();
            }

            var next = Min(pingAt, answerBy ?? pingAt) - now;
            await inbox.WaitAsync(Max(s_shortestTurn, Min(s_longestTurn, Min(next, agent.UntilDue))), stop);
        }
    }

    /// <summary>Takes what came.</summary>
    /// <returns>True where the answer to a ping was among it.</returns>
    private bool Look(FleetLink link, FleetInbox inbox)
    {
        var isAnswered = false;
        while (inbox.TryTake(out var packet))
        {
            if (packet is MqttPubAckPacket done && link.Acknowledge(done.PacketIdentifier))
            {
                counters.Published();
            }
            else if (packet is MqttPublishPacket heard)
            {
                counters.Heard();
                agent.Receive(new(heard.Topic, heard.Payload.ToArray(), heard.Retain, heard.ResponseTopic, heard.CorrelationData));
            }

            isAnswered |= packet is MqttPingRespPacket;
        }

        return isAnswered;
    }

    /// <summary>A clean DISCONNECT discards the will, so the device says it itself, and waits until the broker has it.</summary>
    private async Task FarewellAsync(FleetLink link, FleetInbox inbox)
    {
        using var patience = new CancellationTokenSource(s_farewell);
        if (inbox.Ended is not null || !await link.PublishAsync(agent.Farewell(), null))
            return;
        try
        {
            while (link.Unacknowledged > 0 && inbox.Ended is null)
            {
                await inbox.WaitAsync(s_farewell, patience.Token);
                Look(link, inbox);
            }

            await link.DisconnectAsync();
        }
        catch (OperationCanceledException)
        {
            // Then the will says it.
        }
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
