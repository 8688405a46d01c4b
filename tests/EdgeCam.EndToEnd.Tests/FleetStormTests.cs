using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;
using MQTTnet;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Thousands of devices at one mosquitto: what a restart of it leads to, and what they cost while nothing happens.</summary>
public sealed class FleetStormTests(ITestOutputHelper output)
{
    private static readonly int s_devices = Workplace.IsSoak ? 2000 : 200;
    private static readonly TimeSpan s_away = TimeSpan.FromSeconds(Workplace.IsSoak ? 10 : 1);

    public static TheoryData<bool> Ways => Workplace.IsSoak ? [false, true] : [false];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task After_a_broker_that_was_killed_all_are_back_soon_each_after_few_attempts_and_then_there_is_peace(bool isSecure)
    {
        Workplace.Need(Tool.Mosquitto);
        await using var broker = new FleetBroker(isSecure);
        await broker.StartAsync();
        await using var fleet = new SimulatedFleet(broker.Url, s_devices, null, ["--start-rate", Workplace.IsSoak ? "500" : "200", .. isSecure ? (string[])["--ca", broker.CaFile] : []]);
        await fleet.WaitUntilReadyAsync(TimeSpan.FromSeconds(60));
        var asked = isSecure || !Workplace.IsSoak ? [] : await ChangeSettingsAsync(broker, s_devices / 10);
        await fleet.UntilAsync(reading => reading.Connects == s_devices + asked.Count && reading.Connected == s_devices, "those with other settings have begun anew", seconds: 20);

        var before = await fleet.NextAsync();
        await broker.KillAsync();
        await Task.Delay(s_away);
        await broker.StartAsync();
        var (started, back) = (Stopwatch.StartNew(), fleet.Readings.Count);
        await fleet.UntilAsync(reading => reading.Connects >= before.Connects + s_devices && reading.Connected == s_devices, "all are back", seconds: 60);
        var settled = started.Elapsed;
        if (!isSecure)
            await MustHaveEverythingAsync(broker, asked);
        var peace = await fleet.NextAsync();
        await Task.Delay(TimeSpan.FromSeconds(Workplace.IsSoak ? 30 : 2));
        var after = await fleet.NextAsync();
        var attempts = peace.Attempts - before.Attempts;
        var arrivals = fleet.Readings.Skip(back).TakeWhile(reading => reading.Attempts <= peace.Attempts).Select(static reading => reading.Connects).ToList();
        var series = arrivals.Zip(arrivals.Skip(1), static (one, next) => next - one).Where(static count => count > 0).ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(isSecure ? "TLS" : "TCP")}: {s_devices} devices, broker away for {s_away.TotalSeconds:F0} s: all back {settled.TotalSeconds:F1} s after it; {attempts / (double)s_devices:F1} attempts each on average, {peace.MostAttempts} at most; arrivals in each half second: {string.Join(' ', series)}"));
        output.WriteLine($"broker: {broker.ProcessorTime().TotalSeconds:F2} s of processor time, {ProcessUse.Of(broker.Id)}; fleet: {ProcessUse.Of(fleet.Id)}");
        output.WriteLine(await fleet.StopAsync());

        Assert.True(settled < TimeSpan.FromSeconds(15), $"all back after {settled}\n{fleet.Log}"); // the longest wait is 7 s
        Assert.True(attempts <= s_devices * 8, $"{attempts} attempts");
        Assert.True(peace.MostAttempts <= 20, $"{peace.MostAttempts} attempts of one device");
        Assert.Equal((peace.Attempts, (long)s_devices), (after.Attempts, after.Connected)); // no attempt after all were back
        Assert.Equal(0, after.Unsent);
        Assert.True(series.Count > 3 && series.Max() <= s_devices / 2, "they should not all come in the same moment");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_a_device_costs_its_network_while_nothing_happens(bool isSecure)
    {
        Leftovers.Need();
        Workplace.Need(Tool.Mosquitto);
        string[] pace = Workplace.IsSoak ? [] : ["--telemetry", "2", "--keep-alive", "5"]; // of 30 and 30
        var inside = new NetNamespace($"{Leftovers.Prefix}fleet");
        try
        {
            await using var broker = new FleetBroker(isSecure, inside);
            await broker.StartAsync();
            var use = ProcessUse.Of(broker.Id);
            await using var fleet = new SimulatedFleet(broker.Url, s_devices, inside, ["--start-rate", "100000", .. pace, .. isSecure ? (string[])["--ca", broker.CaFile] : []]);
            var began = Stopwatch.StartNew();
            await fleet.WaitUntilReadyAsync(TimeSpan.FromSeconds(120));
            var (connecting, processor) = (began.Elapsed, broker.ProcessorTime());
            await Task.Delay(TimeSpan.FromSeconds(Workplace.IsSoak ? 45 : 4)); // until the telemetry after the start is over, and its phases are apart
            var (first, link, since, work) = (await fleet.NextAsync(), Link(inside), Stopwatch.StartNew(), broker.ProcessorTime());
            await Task.Delay(TimeSpan.FromSeconds(Workplace.IsSoak ? 180 : 3));
            var (last, after, span, worked) = (await fleet.NextAsync(), Link(inside), since.Elapsed, broker.ProcessorTime() - work);

            var perDay = 86_400 / span.TotalSeconds / s_devices;
            var packets = (after.Packets - link.Packets) * perDay;
            var network = (after.Bytes - link.Bytes) * perDay;
            var tcp = (last.BytesOut - first.BytesOut + last.BytesIn - first.BytesIn) * 86_400 / (last.Seconds - first.Seconds) / s_devices;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(isSecure ? "TLS" : "TCP")}, {s_devices} devices {string.Join(' ', pace)}: per device and day {network / 1e6:F2} MB in IP packets, both ways, with their headers, {packets:F0} packets; {tcp / 1e6:F2} MB of it are carried by TCP"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"all connected within {connecting.TotalSeconds:F1} s; broker {processor.TotalMilliseconds * 1000 / s_devices:F0} µs of processor time for each connection, {worked.TotalMilliseconds / span.TotalSeconds / 10:F2} % of a processor afterwards; {use} -> {ProcessUse.Of(broker.Id)}; fleet {ProcessUse.Of(fleet.Id)}"));
            output.WriteLine(await fleet.StopAsync());
            Assert.Equal((long)s_devices, last.Attempts);
            Assert.InRange(network, tcp, tcp * 3);
            if (Workplace.IsSoak)
                Assert.InRange(network, 1e6, 5e6);
        }
        finally
        {
            inside.Delete();
        }
    }

    /// <summary>What went over the loopback of the namespace: octets of IP, whose link header the kernel takes off before it counts.</summary>
    private static (long Bytes, long Packets) Link(NetNamespace inside)
    {
        var fields = inside.Run("cat /proc/net/dev").Split('\n').First(static line => line.TrimStart().StartsWith("lo:", StringComparison.Ordinal)).Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (long.Parse(fields[0], CultureInfo.InvariantCulture), long.Parse(fields[1], CultureInfo.InvariantCulture));
    }

    private static async Task<TestClient> OperatorAsync(FleetBroker broker)
    {
        var client = new TestClient();
        Assert.Equal(MqttClientConnectResultCode.Success, await client.TryConnectAsync(TestClient.Options(broker.Port, "operator").WithCredentials("operator", "")));
        return client;
    }

    /// <summary>Settings that are on trial when the broker dies: what becomes of them is told when it is back.</summary>
    private static async Task<IReadOnlyList<string>> ChangeSettingsAsync(FleetBroker broker, int devices)
    {
        await using var client = await OperatorAsync(broker);
        await client.SubscribeAsync("edgecam/v1/+/rpc/operator/response");
        List<string> asked = [];
        for (var i = 1; i <= devices; i++)
        {
            asked.Add(string.Create(CultureInfo.InvariantCulture, $"sim-{i:D5}"));
            await client.PublishAsync($"edgecam/v1/{asked[^1]}/rpc/operator/request", """{"jsonrpc":"2.0","id":1,"method":"config.set","params":{"patch":{"log":{"format":"json"}}}}""");
        }

        await Wait.UntilAsync(() => client.Received.Count(static message => message.Text.Contains("\"trial\"", StringComparison.Ordinal)) == devices, () => $"every answer: {client.Received.Count}, {client.Received.FirstOrDefault().Text}");
        return asked;
    }

    /// <summary>Each device is online by its status and has reported its settings, and those that were changed are confirmed.</summary>
    private async Task MustHaveEverythingAsync(FleetBroker broker, IReadOnlyList<string> asked)
    {
        await using var client = await OperatorAsync(broker);
        await client.SubscribeAsync("edgecam/v1/+/event/config");
        await client.SubscribeAsync("edgecam/v1/+/config/reported");
        await client.SubscribeAsync("edgecam/v1/+/status");
        var states = new Dictionary<string, string>();
        var online = new HashSet<string>();
        await Wait.UntilAsync(
            () =>
            {
                while (client.Received.TryDequeue(out var message))
                {
                    var (device, json) = (message.Topic.Split('/')[2], JsonNode.Parse(message.Text)!);
                    if (message.Topic.EndsWith("/reported", StringComparison.Ordinal))
                        states[device] = json["state"]!.GetValue<string>();
                    else if (json["online"]?.GetValue<bool>() == true)
                        online.Add(device);
                }

                return online.Count == s_devices && states.Count == s_devices && asked.All(device => states[device] == "confirmed");
            },
            () => $"{online.Count} online, {states.Count} reported, {asked.Count(device => states.GetValueOrDefault(device) == "confirmed")} of {asked.Count} confirmed", seconds: 40);
        output.WriteLine($"{online.Count} devices are online by their status, {states.Count} have reported their settings, and {asked.Count} whose settings were on trial meanwhile have confirmed them");
    }
}
