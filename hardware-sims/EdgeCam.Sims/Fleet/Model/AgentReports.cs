using System.Text.Json;

namespace EdgeCam.Sims.Fleet.Model;

/// <summary>What a device says of itself: its status, its telemetry, and the answers to <c>device.info</c> and <c>device.health</c>, member by member as the agent writes them.</summary>
internal sealed class AgentReports(AgentProfile profile, TimeProvider time)
{
    private const long TotalMemory = 3_978_244_096; // a board of 4 GB
    private const long TotalDisk = 30_949_384_192;
    private const int Width = 1920;
    private const int Height = 1080;
    private const double FrameRate = 30;

    private long _framesBefore;
    private TimeSpan _toldAt;

    public byte[] Status(string bootId, string version, DateTimeOffset since, bool isLive) => Json.Bytes(json =>
    {
        Begin(json, isOnline: true, bootId, version, since);
        WriteCameras(json, isLive);
        json.WriteNumber("viewers", 0);
        json.WriteEndObject();
    });

    /// <summary>The will.</summary>
    public byte[] Offline(string bootId, string version, DateTimeOffset since) => Json.Bytes(json =>
    {
        Begin(json, isOnline: false, bootId, version, since);
        json.WriteEndObject();
    });

    /// <param name="live">How long its cameras have given pictures.</param>
    public byte[] Telemetry(string bootId, TimeSpan uptime, TimeSpan live) => Json.Bytes(json =>
    {
        var frames = (long)(live.TotalSeconds * FrameRate);
        var rate = uptime > _toldAt ? Math.Round(Math.Max(0, frames - _framesBefore) / (uptime - _toldAt).TotalSeconds, 1) : 0;
        (_framesBefore, _toldAt) = (frames, uptime);
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        json.WriteNumber("at", time.GetUtcNow().ToUnixTimeMilliseconds());
        json.WriteString("bootId", bootId);
        json.WriteNumber("uptime", (long)uptime.TotalSeconds);
        json.WriteString("broker", "connected");
        json.WriteStartObject("cpu");
        json.WriteNumber("process", Near(0.06, 0.02, 3));
        json.WriteNumber("system", Near(0.11, 0.05, 3));
        json.WriteNumber("load1", Near(0.35, 0.3, 2));
        json.WriteEndObject();
        json.WriteStartObject("memory");
        json.WriteNumber("process", 43_000_000 + profile.Random.Next(4_000_000));
        json.WriteNumber("total", TotalMemory);
        json.WriteNumber("available", 3_100_000_000 + profile.Random.Next(200_000_000));
        json.WriteEndObject();
        json.WriteStartObject("board");
        WriteBoard(json);
        json.WriteNumber("uptime", (long)uptime.TotalSeconds + 40);
        json.WriteEndObject();
        json.WriteStartObject("disk");
        json.WriteNumber("total", TotalDisk);
        json.WriteNumber("free", 24_000_000_000 + profile.Random.Next(2_000_000));
        json.WriteEndObject();
        json.WriteStartObject("wifi");
        json.WriteString("interface", "wlan0");
        json.WriteNumber("signalDbm", profile.Signal - profile.Random.Next(4));
        json.WriteEndObject();
        json.WriteStartArray("cameras");
        for (var i = 0; i < profile.Cameras; i++)
        {
            BeginCamera(json, i, live > TimeSpan.Zero);
            json.WriteNumber("frames", frames);
            json.WriteNumber("framesPerSecond", Math.Min(FrameRate, rate));
            json.WriteNumber("keyFrames", frames / 60);
            json.WriteNumber("bitrate", live > TimeSpan.Zero ? 2_400_000 + profile.Random.Next(200_000) : 0);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("viewerCount", 0);
        json.WriteStartArray("viewers");
        json.WriteEndArray();
        json.WriteStartObject("drops");
        json.WriteEndObject();
        json.WriteEndObject();
    });

    public void WriteInformation(Utf8JsonWriter json, string version, TimeSpan uptime, bool isLive)
    {
        json.WriteStartObject();
        json.WriteString("id", profile.Id);
        json.WriteString("name", profile.Name);
        json.WriteString("version", version);
        json.WriteString("model", "Simulated device");
        json.WriteString("system", "Debian GNU/Linux 12 (bookworm)");
        json.WriteNumber("uptimeSeconds", (long)uptime.TotalSeconds);
        json.WriteNumber("viewers", 0);
        json.WriteStartObject("clock");
        json.WriteString("state", "set");
        json.WriteBoolean("synchronized", true);
        json.WriteEndObject();
        WriteCameras(json, isLive);
        json.WriteEndObject();
    }

    public void WriteHealth(Utf8JsonWriter json, TimeSpan uptime)
    {
        json.WriteStartObject();
        WriteBoard(json);
        json.WriteString("wifiInterface", "wlan0");
        json.WriteNumber("wifiSignalDbm", profile.Signal);
        json.WriteNumber("diskTotalBytes", TotalDisk);
        json.WriteNumber("diskFreeBytes", 24_000_000_000);
        json.WriteNumber("memoryTotalBytes", TotalMemory);
        json.WriteNumber("memoryAvailableBytes", 3_200_000_000);
        json.WriteNumber("load1", 0.35);
        json.WriteNumber("load5", 0.31);
        json.WriteNumber("load15", 0.3);
        json.WriteNumber("uptimeSeconds", (long)uptime.TotalSeconds + 40);
        json.WriteStartArray("unknown");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void WriteCameras(Utf8JsonWriter json, bool isLive)
    {
        json.WriteStartArray("cameras");
        for (var i = 0; i < profile.Cameras; i++)
        {
            BeginCamera(json, i, isLive);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void BeginCamera(Utf8JsonWriter json, int number, bool isLive)
    {
        json.WriteStartObject();
        json.WriteString("name", $"cam{number}");
        json.WriteString("state", isLive ? "live" : "starting");
        json.WriteNumber("width", Width);
        json.WriteNumber("height", Height);
    }

    private void Begin(Utf8JsonWriter json, bool isOnline, string bootId, string version, DateTimeOffset since)
    {
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        json.WriteBoolean("online", isOnline);
        json.WriteString("bootId", bootId);
        json.WriteString("name", profile.Name);
        json.WriteString("version", version);
        json.WriteString("since", since);
    }

    private void WriteBoard(Utf8JsonWriter json)
    {
        json.WriteNumber("temperatureCelsius", Math.Round(profile.Temperature + Near(0, 1.5, 1), 1));
        foreach (var name in (ReadOnlySpan<string>)["throttled", "throttledBefore", "underVoltage", "underVoltageBefore"])
            json.WriteBoolean(name, false);
    }

    private double Near(double middle, double spread, int digits) => Math.Round(middle + (((profile.Random.NextDouble() * 2) - 1) * spread), digits);
}
