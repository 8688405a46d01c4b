using System.Globalization;
using System.Net;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent;

/// <summary><c>edgecam token</c>: makes a token and a link, with the keys in the device's state folder.</summary>
internal static class TokenCommand
{
    private const string Usage = "edgecam token --config FILE [--scope view,ptz] [--ttl 1h] [--name Ann] [--camera cam0] [--bearer]";
    private const int MaxName = 64;

    private static readonly TimeSpan s_usual = TimeSpan.FromHours(1);

    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors)
    {
        var (file, wanted, camera, problem) = Read(arguments);
        if (problem is not null)
        {
            await errors.WriteLineAsync($"edgecam token: {problem}\n    {Usage}");
            return ExitCode.Usage;
        }

        if (await CommandLine.ReadAsync(file!, errors) is not { } options)
            return ExitCode.Configuration;
        if (options.Security.Mode == AccessMode.Open)
        {
            await errors.WriteLineAsync("security.access is open: whoever reaches the device needs no token.\n    Write tokens there, and make one then.");
            return ExitCode.Configuration;
        }

        if (camera is not null && !options.Cameras.Any(known => known.Name == camera))
        {
            await errors.WriteLineAsync($"edgecam token: there is no camera {camera}; there is: {string.Join(", ", options.Cameras.Select(known => known.Name))}");
            return ExitCode.Usage;
        }

        if (!DeviceClock.IsSet(TimeProvider.System))
        {
            await errors.WriteLineAsync($"edgecam token: the clock of this machine is not set ({DateTimeOffset.UtcNow:yyyy-MM-dd}), and a token says until when it is good.\n    Give it the time (timedatectl tells whether NTP does), and try again.");
            return ExitCode.Start;
        }

        try
        {
            using var keys = DeviceKeys.Load(options.Device.StateFolder);
            await MintAsync(options, keys, wanted!, camera, output, errors);
            return ExitCode.Success;
        }
        catch (DeviceKeysException failure)
        {
            await errors.WriteLineAsync(new ConfigurationMistake("device.stateFolder", failure.Problem, failure.Remedy).ToString());
            return ExitCode.Start;
        }
    }

    /// <summary><c>30m</c>, <c>1h</c>, <c>7d</c>; seconds, too, for trying things out.</summary>
    internal static TimeSpan? Duration(string text)
    {
        if (text.Length is < 2 or > 8 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
            return null;
        TimeSpan? duration = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            _ => null,
        };
        return duration <= TokenVerifier.MaxLifetime ? duration : null;
    }

    /// <summary>A token, and the link with it; no link where the page would show the token to nobody.</summary>
    internal static (MintedToken Minted, string? Link) Mint(AgentOptions options, DeviceKeys keys, TokenRequest wanted, string? camera, string hostName)
    {
        var device = DeviceIdentity.IdOf(options.Device, hostName);
        var minted = new TokenIssuer(device, keys.Signing, TimeProvider.System).Mint(wanted);
        if (minted.Key is null && options.Security.Mode != AccessMode.Bearer)
            return (minted, null);
        return (minted, TokenLink.Create(PageOf(options, hostName), device, camera, minted, keys.Identity.Thumbprint));
    }

    /// <summary>Where the viewer's page is, as far as the configuration tells.</summary>
    internal static string PageOf(AgentOptions options, string hostName) =>
        options.Security.PageUrl ?? TokenLink.PageAt(IPEndPoint.Parse(options.Http.Bind), options.Http.IsSecure, options.Http.Hosts, hostName);

    private static async Task MintAsync(AgentOptions options, DeviceKeys keys, TokenRequest wanted, string? camera, TextWriter output, TextWriter errors)
    {
        var (minted, link) = Mint(options, keys, wanted, camera, Environment.MachineName);
        var device = DeviceIdentity.IdOf(options.Device, Environment.MachineName);
        await errors.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"Whoever has it may {string.Join(", ", AccessScopes.Words(wanted.Scopes))} at {device} until {minted.Expires:yyyy-MM-dd HH:mm:ss} UTC. The token{(link is null ? ", for WHEP and HTTP" : ", then the link")}, to be revoked as {minted.Id}:"));
        await output.WriteLineAsync(minted.Token);
        if (link is null)
            return;
        if (options.Security.PageUrl is null && TokenLink.IsGuessed(options.Http.IsSecure, options.Http.Hosts))
            await errors.WriteLineAsync("security.pageUrl should name the reverse proxy's https address; the link takes the first of http.hosts.");
        await output.WriteLineAsync(link);
    }

    private static (string? File, TokenRequest? Wanted, string? Camera, string? Problem) Read(string[] arguments)
    {
        string? file = null, name = null, camera = null;
        var (scopes, lifetime, isBound) = (AccessScope.View, s_usual, true);
        for (var i = 0; i < arguments.Length; i++)
        {
            var key = arguments[i];
            if (key == "--bearer")
            {
                isBound = false;
                continue;
            }

            if (key is not ("--config" or "--scope" or "--ttl" or "--name" or "--camera"))
                return Mistake($"{key} is not understood");
            if (++i == arguments.Length)
                return Mistake($"{key} needs a value");
            var value = arguments[i];
            switch (key)
            {
                case "--config":
                    file = value;
                    break;
                case "--scope" when TryScopes(value) is { } parsed:
                    scopes = parsed;
                    break;
                case "--scope":
                    return Mistake("--scope takes view, ptz, gpio, record and manage, separated by commas");
                case "--ttl" when Duration(value) is { } duration:
                    lifetime = duration;
                    break;
                case "--ttl":
                    return Mistake($"--ttl takes minutes, hours or days such as 30m, 1h or 7d, at most {TokenVerifier.MaxLifetime.Days}d");
                case "--name" when value.Length is > 0 and <= MaxName && !value.Any(char.IsControl):
                    name = value;
                    break;
                case "--name":
                    return Mistake($"--name takes 1 to {MaxName} characters");
                default:
                    camera = value;
                    break;
            }
        }

        return file is null ? Mistake("it needs a configuration") : (file, new(scopes, lifetime, name, isBound), camera, null);

        static (string?, TokenRequest?, string?, string?) Mistake(string problem) => (null, null, null, problem);
    }

    /// <summary>Null where a word is none: a typing mistake must not make a token that allows less than it seems to.</summary>
    internal static AccessScope? TryScopes(string words)
    {
        var scopes = AccessScope.None;
        foreach (var word in words.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!AccessScopes.TryParseWord(word, out var scope))
                return null;
            scopes |= scope;
        }

        return scopes == AccessScope.None ? null : scopes;
    }
}
