using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>A guest with the package installed and its service set up: a camera on a V4L2 node, two lamps and a button on the kernel's GPIO chip.</summary>
internal sealed class InstalledDevice : IAsyncDisposable
{
    public const string Id = "porch";
    public const int Lamp = 5; // lines of the chip
    public const int Button = 6;

    private const int HttpPort = 8080;
    private const int MediaPort = 50000;
    private const string Configuration = "/etc/edgecam/edgecam.json";

    private InstalledDevice(Guest guest) => Guest = guest;

    /// <summary>The service's WatchdogSec, as its unit file has it.</summary>
    public static TimeSpan Watchdog { get; } = TimeSpan.FromSeconds(20);

    public Guest Guest { get; }

    /// <summary>Its HTTP, on this machine's loopback.</summary>
    public Uri Url => new($"http://127.0.0.1:{Guest.TcpPort(HttpPort)}/");

    /// <summary>Its broker, by WebSocket.</summary>
    public string Broker => $"ws://127.0.0.1:{Guest.TcpPort(HttpPort)}/mqtt";

    /// <summary>Installs the package in a new guest, and starts the service with its camera.</summary>
    /// <param name="adjust">Sees the configuration before it is written.</param>
    public static async Task<InstalledDevice> StartAsync(string suite = "trixie", Action<JsonObject>? adjust = null)
    {
        GuestHost.Need();
        var package = await Package.FileAsync();
        var guest = await Guest.StartAsync(suite, tcp: [HttpPort], udp: [MediaPort]);
        var device = new InstalledDevice(guest);
        try
        {
            await guest.StartCameraAsync();
            await device.InstallAsync(package);
            await device.ConfigureAsync(adjust);
            await guest.OutputAsync("systemctl restart edgecam");
            await device.UntilLiveAsync();
            return device;
        }
        catch (Exception failure)
        {
            var words = await device.JournalAsync();
            await guest.DisposeAsync();
            throw new Xunit.Sdk.XunitException($"{failure.Message}\n{words}");
        }
    }

    /// <summary>Installs or upgrades, with nobody at the keyboard: a question would fail it.</summary>
    public async Task<string> InstallAsync(string package)
    {
        await Guest.CopyToAsync(package, "/root/");
        return await Guest.OutputAsync($"DEBIAN_FRONTEND=noninteractive dpkg -i --force-depends /root/{Path.GetFileName(package)} < /dev/null 2>&1", TimeSpan.FromMinutes(3));
    }

    /// <summary>Writes the operator's configuration.</summary>
    public async Task ConfigureAsync(Action<JsonObject>? adjust = null)
    {
        var content = new JsonObject
        {
            ["device"] = new JsonObject { ["id"] = Id },
            ["cameras"] = new JsonArray(new JsonObject { ["name"] = "cam0", ["source"] = $"v4l2:{Guest.CameraNode}", ["width"] = 1280, ["height"] = 720 }),
            ["http"] = new JsonObject { ["bind"] = $"0.0.0.0:{HttpPort}", ["allowPlaintext"] = true },
            ["peers"] = new JsonObject { ["port"] = MediaPort, ["advertise"] = new JsonArray($"127.0.0.1:{Guest.UdpPort(MediaPort)}") },
            ["gpio"] = new JsonObject
            {
                ["chip"] = Guest.GpioChip,
                ["lines"] = new JsonArray(
                    new JsonObject { ["name"] = "lamp", ["offset"] = Lamp, ["label"] = "Porch lamp" },
                    new JsonObject { ["name"] = "bell", ["offset"] = Button, ["direction"] = "input", ["label"] = "Bell" }),
            },
        };
        adjust?.Invoke(content);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, content.ToJsonString());
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await Guest.CopyToAsync(file, Configuration);
        File.Delete(file);
    }

    /// <summary>A property of the service, such as <c>MainPID</c> (systemctl(1)).</summary>
    public Task<string> ServiceAsync(string property) => Guest.OutputAsync($"systemctl show edgecam -P {property}");

    public async Task<int> MainProcessAsync() => int.Parse(await ServiceAsync("MainPID"), CultureInfo.InvariantCulture);

    public async Task<JsonNode> HealthAsync()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{await Guest.LoopbackPortAsync(HttpPort)}/healthz")); // to others it tells no cameras
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    /// <summary>Waits until the service is active and its camera gives pictures.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> UntilLiveAsync(TimeSpan? limit = null)
    {
        var since = System.Diagnostics.Stopwatch.StartNew();
        await Guest.UntilAsync(
            $"test \"$(systemctl show edgecam -P ActiveState)\" = active && curl -fs -m 2 http://127.0.0.1:{HttpPort}/healthz", "the service is active and its camera live", limit ?? TimeSpan.FromMinutes(2));
        return since.Elapsed;
    }

    /// <summary>What <c>edgecam token</c> prints, for so much: the token, and a link with it.</summary>
    public Task<string> TokenAsync(string scopes) => MintAsync($"--scope {scopes} --ttl 2d");

    /// <summary>A link to the page, with a token for so much.</summary>
    public async Task<string> LinkAsync(string scopes = "view,ptz,gpio")
    {
        var link = (await TokenAsync(scopes)).Split('\n').First(static line => line.Contains("#device=", StringComparison.Ordinal));
        return $"{Url}{link[link.IndexOf('#', StringComparison.Ordinal)..]}";
    }

    /// <summary>A token without a key.</summary>
    public async Task<string> BearerAsync(string scopes) => (await MintAsync($"--scope {scopes} --ttl 2d --bearer")).Split('\n')[0].Trim();

    /// <summary>An operator's login at the device's broker.</summary>
    public async Task<JsonObject> LoginAsync(string scopes = "view,ptz,gpio")
    {
        var members = (await LinkAsync(scopes)).Split('#')[1].Split('&').Select(static member => member.Split('=', 2)).ToDictionary(static member => member[0], static member => member[1]);
        return new() { ["broker"] = Broker, ["device"] = Id, ["token"] = members["token"], ["key"] = members["key"] };
    }

    /// <summary>A viewer over WHEP that counts pictures. WHEP without TLS takes tokens from the device itself only, so its requests come from there.</summary>
    public async Task<LoadViewer> WatchAsync(bool keepsPictures = false)
    {
        var token = await BearerAsync("view");
        var http = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await LoadViewer.JoinAsync(new Uri($"http://127.0.0.1:{await Guest.LoopbackPortAsync(HttpPort)}/whep/cam0"), http, keepsPictures);
    }

    /// <summary>The last words of the service, and its state.</summary>
    public async Task<string> JournalAsync(int lines = 60)
    {
        var said = await Guest.RunAsync($"systemctl status edgecam --no-pager -l -n 0; journalctl -u edgecam --no-pager -o short-monotonic -n {lines}");
        return said.Output + said.Error;
    }

    public ValueTask DisposeAsync() => Guest.DisposeAsync();

    private Task<string> MintAsync(string options) =>
        Guest.OutputAsync($"setpriv --reuid edgecam --regid edgecam --init-groups edgecam token --config {Configuration} {options}");
}
