using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EdgeCam.Sims.Fleet;

/// <summary>What the fleet did, as lines of JSON for programs and a table for people.</summary>
internal sealed class FleetReport(FleetOptions options, FleetCounters counters, TextWriter output)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private Reading _last;
    private Reading? _ready;

    /// <summary>Every device has been connected: what follows is how it goes from day to day.</summary>
    public void Ready() => _ready = Read();

    /// <summary>Rates are since the line before, sums since the start.</summary>
    public void WriteLine()
    {
        var now = Read();
        var seconds = Math.Max(0.001, (now.At - _last.At).TotalSeconds);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("seconds", Math.Round(now.At.TotalSeconds, 1));
            json.WriteNumber("connected", counters.Connected);
            json.WriteNumber("connects", now.Connects);
            json.WriteNumber("connectsPerSecond", Rate(now.Connects - _last.Connects));
            json.WriteNumber("attempts", now.Attempts);
            json.WriteNumber("failed", now.Failed);
            json.WriteNumber("retriesPerSecond", Rate(now.Failed - _last.Failed));
            json.WriteNumber("mostAttempts", counters.MostAttempts);
            json.WriteNumber("messagesOut", now.MessagesOut);
            json.WriteNumber("messagesIn", now.MessagesIn);
            json.WriteNumber("bytesOut", now.BytesOut);
            json.WriteNumber("bytesIn", now.BytesIn);
            json.WriteNumber("unsent", counters.Unsent);
            json.WriteNumber("residentMegabytes", Math.Round(Environment.WorkingSet / 1e6, 1));
            json.WriteNumber("processorSeconds", Math.Round(Environment.CpuUsage.TotalTime.TotalSeconds, 2));
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        output.Flush();
        _last = now;

        double Rate(long count) => Math.Round(count / seconds, 1);
    }

    public void WriteTable()
    {
        var now = Read();
        var text = new StringBuilder();
        Line("devices", $"{options.Devices} at {options.Broker}, {now.At.TotalSeconds:F0} s");
        Line("connections", $"{now.Connects} of {now.Attempts} attempts; at most {counters.MostAttempts} attempts of one device for one connection");
        Line("attempts failed", $"{counters.Ends(LinkEnd.NoAnswer)} no answer, {counters.Ends(LinkEnd.NotListening)} nobody listens, {counters.Ends(LinkEnd.Refused)} refused");
        Line("connections ended", $"{counters.Ends(LinkEnd.Closed)} closed, {counters.Ends(LinkEnd.Lost)} lost, {counters.Ends(LinkEnd.TakenOver)} taken over, {counters.Ends(LinkEnd.Left)} left by the device");
        Line("messages", $"{now.MessagesOut} out, {now.MessagesIn} in; {counters.Unsent} given up, {counters.Flooded} dropped");
        Line("octets in TCP", $"{now.BytesOut} out, {now.BytesIn} in");
        if (_ready is { } ready && now.At - ready.At is { TotalSeconds: >= 1 } span)
        {
            var days = span.TotalDays * options.Devices;
            Line("per device and day", $"{(now.MessagesOut - ready.MessagesOut) / days:F0} messages out, {(now.BytesOut - ready.BytesOut) / days / 1e6:F2} MB out, {(now.BytesIn - ready.BytesIn) / days / 1e6:F2} MB in, as in the {span.TotalSeconds:F0} s since all were connected");
        }

        Line("this process", $"{Environment.WorkingSet / 1e6:F0} MB resident ({Environment.WorkingSet / 1024.0 / options.Devices:F0} KiB for each device), {Environment.CpuUsage.TotalTime.TotalSeconds:F1} s of processor time");
        output.Write(text);
        output.Flush();

        void Line(string name, FormattableString words) => text.Append(CultureInfo.InvariantCulture, $"{name,-20}{FormattableString.Invariant(words)}").AppendLine();
    }

    private Reading Read() => new(_clock.Elapsed, counters.Connects, counters.Attempts, counters.Failed, counters.MessagesOut, counters.MessagesIn, counters.BytesOut, counters.BytesIn);

    private readonly record struct Reading(TimeSpan At, long Connects, long Attempts, long Failed, long MessagesOut, long MessagesIn, long BytesOut, long BytesIn);
}
