using System.Globalization;
using System.Net;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent;

/// <summary><c>edgecam greet</c>: what whoever stands before the device reads on its console: where the page is, and a link to it.</summary>
internal static class GreetCommand
{
    /// <summary>How long its link is good: it stays on a screen for all to see.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromHours(24);

    private const AccessScope Scopes = AccessScope.View | AccessScope.Ptz | AccessScope.Gpio;

    public static async Task<int> RunAsync(string file, TimeSpan lifetime, TextWriter output, TextWriter errors)
    {
        if (await CommandLine.ReadAsync(file, errors) is not { } options)
            return ExitCode.Configuration;
        IPAddress[] addresses = [.. HostInterfaces.List(options.Peers.ExcludedInterfaces).Where(static address => !address.IsLoopback).Select(static address => address.ToIPAddress())];
        try
        {
            using var keys = options.Security.Mode == AccessMode.Open ? null : DeviceKeys.Load(options.Device.StateFolder);
            foreach (var line in Lines(options, keys, lifetime, Environment.MachineName, addresses, TimeProvider.System))
                await output.WriteLineAsync(line);
            return ExitCode.Success;
        }
        catch (DeviceKeysException failure)
        {
            await errors.WriteLineAsync(new ConfigurationMistake("device.stateFolder", failure.Problem, failure.Remedy).ToString());
            return ExitCode.Start;
        }
    }

    /// <param name="keys">Null where access is open.</param>
    /// <param name="addresses">Of this host.</param>
    internal static IEnumerable<string> Lines(AgentOptions options, DeviceKeys? keys, TimeSpan lifetime, string hostName, IReadOnlyList<IPAddress> addresses, TimeProvider time)
    {
        var id = DeviceIdentity.IdOf(options.Device, hostName);
        yield return $"EdgeCam {ProductVersion.Text}, device {id}{(options.Device.Name is { } name && name != id ? $" ({name})" : "")}";
        if (options.Mqtt.Broker is { } broker)
            yield return $"Broker: {broker}, topics below {options.Mqtt.Prefix}/{id}";
        if (!options.Http.Enabled && options.Security.PageUrl is null)
        {
            yield return "Page: none, http.enabled is false and security.pageUrl names no other.";
            yield break;
        }

        foreach (var line in Page(options, hostName, addresses))
            yield return line;
        if (keys is null)
        {
            yield return "Access is open to whoever reaches the page.";
            yield break;
        }

        if (!DeviceClock.IsSet(time))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Link: none yet. The clock is not set ({time.GetUtcNow():yyyy-MM-dd}), and a link says until when it is good: it comes with the time.");
            yield break;
        }

        var (minted, link) = TokenCommand.Mint(options, keys, new(Scopes, lifetime), null, hostName);
        yield return string.Create(CultureInfo.InvariantCulture,
            $"Link, for whoever may {string.Join(", ", AccessScopes.Words(Scopes))} until {minted.Expires:yyyy-MM-dd HH:mm} UTC (others: edgecam token):");
        yield return link!; // a token with a key always has one
    }

    private static IEnumerable<string> Page(AgentOptions options, string hostName, IReadOnlyList<IPAddress> addresses)
    {
        var page = TokenCommand.PageOf(options, hostName);
        yield return $"Page: {page}";
        if (options.Security.PageUrl is not null || TokenLink.IsGuessed(options.Http.IsSecure, options.Http.Hosts))
            yield break; // somebody else's page, or a proxy's

        var bind = IPEndPoint.Parse(options.Http.Bind);
        if (!options.Http.IsBeyondLoopback)
        {
            var label = hostName.Split('.')[0].ToLowerInvariant();
            yield return $"  From this machine only: http.bind is {options.Http.Bind}. Bind 0.0.0.0:{bind.Port} with a certificate, or reach it through SSH:";
            yield return $"  ssh -N -L {bind.Port}:{bind} {label}.local";
            yield break;
        }

        if (bind.Address.Equals(IPAddress.Any) || bind.Address.Equals(IPAddress.IPv6Any))
        {
            var scheme = options.Http.IsSecure ? "https" : "http";
            foreach (var address in addresses.Where(address => bind.Address.Equals(IPAddress.IPv6Any) || address.AddressFamily == bind.AddressFamily))
                yield return $"   or: {scheme}://{new IPEndPoint(address, bind.Port)}/";
        }

        if (!options.Http.IsSecure)
            yield return "  Without a certificate (http.certificateFile): whoever changes packets on this network may change the page.";
    }
}
