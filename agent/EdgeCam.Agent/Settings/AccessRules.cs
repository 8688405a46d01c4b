using System.Net;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Settings;

/// <summary>What <c>security</c> asks of the other sections: open access stays on this machine, and https has what it needs.</summary>
internal static class AccessRules
{
    public static void Check(AgentOptions options, List<ConfigurationMistake> mistakes)
    {
        if (options.Security.Mode == AccessMode.Open)
            CheckOpen(options, mistakes);
        if (options.Security.PageUrl is { } page && !(Uri.TryCreate(page, UriKind.Absolute, out var uri)
            && uri is { Scheme: "http" or "https", UserInfo.Length: 0, Host.Length: > 0, Fragment.Length: 0 }))
        {
            mistakes.Add(new("security.pageUrl", "is not the address of a page", "Write https://host/ without user and without #; or null."));
        }

        CertificateRules.Check("http", options.Http.CertificateFile, options.Http.KeyFile, "https needs both, the certificate and its private key; http neither.", "server", isKeyKept: false, mistakes);
        CheckPlaintext(options, mistakes);
        TrustRules.Check(options, mistakes);
    }

    /// <summary>Links protect a session even so; but tokens of WHEP, and the page itself, are for whoever is in between.</summary>
    private static void CheckPlaintext(AgentOptions options, List<ConfigurationMistake> mistakes)
    {
        var http = options.Http;
        if (http is { Enabled: true, IsBeyondLoopback: true, IsSecure: false, AllowPlaintext: false, KeyFile: null } && options.Security.Mode != AccessMode.Open && !mistakes.Exists(static known => known.Key == "http.bind"))
        {
            mistakes.Add(new("http.bind", $"{http.Bind} is reached from other machines without TLS: whoever is in between can change the page",
                "Name a certificate in http.certificateFile and http.keyFile; or bind 127.0.0.1 with a reverse proxy in front; or accept it: \"allowPlaintext\": true."));
        }
    }

    private static void CheckOpen(AgentOptions options, List<ConfigurationMistake> mistakes)
    {
        if (options.Http.Enabled && options.Http.IsBeyondLoopback)
        {
            mistakes.Add(new("http.bind", $"{options.Http.Bind} is reached from other machines, and security.access is open: everyone there could watch and control",
                "Write tokens in security.access and make links with edgecam token; or bind 127.0.0.1 or ::1."));
        }

        if (options.Http.Enabled && options.Http.Hosts.Length > 0)
        {
            mistakes.Add(new("http.hosts", $"lets others in as {options.Http.Hosts[0]}, and security.access is open: everyone there could watch and control",
                "Write tokens in security.access and make links with edgecam token; or leave http.hosts out."));
        }

        if (options.Mqtt.WebSocketUrl is { } url && Uri.TryCreate(url, UriKind.Absolute, out var page) && !IsLoopback(page.Host.Trim('[', ']')))
        {
            mistakes.Add(new("mqtt.webSocketUrl", $"{page.Host} is another machine, and security.access is open: everyone there could watch and control",
                "Write tokens in security.access and make links with edgecam token; or use a broker on this machine."));
        }

        if (options.Mqtt.Broker is { } broker && BrokerAddress.TryParse(broker, out var address) && !IsLoopback(address!.Host))
        {
            mistakes.Add(new("mqtt.broker", $"{address.Host} is another machine, and security.access is open: everyone at that broker could watch and control",
                "Write tokens in security.access and make links with edgecam token; or use a broker on this machine."));
        }
    }

    private static bool IsLoopback(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
