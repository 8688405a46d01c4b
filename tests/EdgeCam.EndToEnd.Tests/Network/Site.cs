using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>One host behind its router: where the device is, or where the viewer is.</summary>
internal sealed partial class Site : IAsyncDisposable
{
    private readonly string _lan;
    private readonly string _name;
    private readonly NetNamespace _public;
    private readonly LinkDelay? _delay;
    private int _hostNumber = 2;
    private bool _blocksUdp;
    private double _loss;

    private Site(string name, string lan, NatBehaviour nat, NetNamespace internet, NetNamespace router, NetNamespace host, LinkDelay? delay)
    {
        (_name, _lan, _public, _delay) = (name, lan, internet, delay);
        (Nat, Router, Host) = (nat, router, host);
    }

    public NatBehaviour Nat { get; }

    public NetNamespace Router { get; }

    public NetNamespace Host { get; }

    public string Address => $"{_lan}.{_hostNumber}";

    /// <param name="lan">The first three parts of the site's own addresses.</param>
    /// <param name="wan">The router's public address.</param>
    /// <param name="delay">Of the link between host and router, each way; null: none.</param>
    public static async Task<Site> CreateAsync(string name, string lan, string wan, NatBehaviour nat, NetNamespace internet, DelayProfile? delay)
    {
        var router = new NetNamespace($"{Leftovers.Prefix}{name}router");
        var host = new NetNamespace($"{Leftovers.Prefix}{name}");
        router.Ip($"link add wan type veth peer name port{name} netns {internet.Name}");
        internet.Ip($"link set port{name} master br0 up");
        router.Ip($"addr add {wan}/24 dev wan");
        router.Ip("link set wan up");
        LinkDelay? link = null;
        if (delay is not null)
            link = await LinkDelay.StartAsync(router, "lan", host, "eth0", delay);
        else
            router.Ip($"link add lan type veth peer name eth0 netns {host.Name}");
        router.Ip($"addr add {lan}.1/24 dev lan");
        router.Ip("link set lan up");
        // What has no route here is dropped over there, as in a provider's network: no error comes back.
        router.Ip($"route add default via {NetworkLab.PublicAddress}");
        router.Run("sysctl -qw net.ipv4.ip_forward=1");
        host.Ip("link set eth0 up");
        var site = new Site(name, lan, nat, internet, router, host, link);
        site.SetAddress(2);
        site.ApplyRules();
        return site;
    }

    /// <summary>Without NAT the other side needs a way here.</summary>
    public void RouteFrom(NetNamespace other, string wan) => other.Ip($"route add {_lan}.0/24 via {wan}");

    /// <summary>Takes the host's address away and gives it another one, as DHCP in another network would.</summary>
    public void ChangeAddress()
    {
        Host.Ip($"addr del {Address}/24 dev eth0");
        SetAddress(_hostNumber + 1);
    }

    /// <summary>Drops what the host sends by UDP, as strict firewalls do; names it may still look up.</summary>
    public void BlockUdp(bool block)
    {
        _blocksUdp = block;
        ApplyRules();
    }

    /// <summary>Random loss of UDP, in each direction.</summary>
    public void SetLoss(double fraction)
    {
        _loss = fraction;
        ApplyRules();
    }

    /// <summary>Limits what comes to this site; a queue of so long stands before the limit. Null: no limit.</summary>
    public void SetDownlink(double? bitsPerSecond, int bufferMilliseconds = 200)
    {
        var words = bitsPerSecond is { } rate
            ? string.Create(CultureInfo.InvariantCulture, $"tc qdisc replace dev port{_name} root tbf rate {rate:F0}bit burst 8kb latency {bufferMilliseconds}ms")
            : $"tc qdisc del dev port{_name} root";
        _public.Run(words);
    }

    /// <summary>Bytes of UDP that the host sent to the wide network, headers included, whether or not they arrived.</summary>
    public long SentBytes => ReadCounter("sent");

    /// <summary>Datagrams that this site's loss has taken.</summary>
    public long LostPackets => long.Parse(Packets().Match(Router.Run("nft list counter inet filter lost")).Groups[1].Value, CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        if (_delay is not null)
            await _delay.DisposeAsync();
        Host.Delete();
        Router.Delete();
    }

    private void SetAddress(int number)
    {
        _hostNumber = number;
        Host.Ip($"addr add {Address}/24 dev eth0");
        Host.Ip($"route replace default via {_lan}.1");
    }

    private long ReadCounter(string name) =>
        long.Parse(Bytes().Match(Router.Run($"nft list counter inet filter {name}")).Groups[1].Value, CultureInfo.InvariantCulture);

    private void ApplyRules()
    {
        var masquerade = Nat switch
        {
            NatBehaviour.EndpointIndependent => "oifname \"wan\" masquerade",
            NatBehaviour.AddressAndPortDependent => "oifname \"wan\" masquerade random,fully-random",
            _ => "",
        };
        var open = Nat == NatBehaviour.None ? "iifname \"wan\" accept" : "";
        var block = _blocksUdp ? "iifname \"lan\" udp dport != 53 drop" : "";
        var loss = _loss > 0 ? string.Create(CultureInfo.InvariantCulture, $"meta l4proto udp numgen random mod 1000 < {_loss * 1000:F0} counter name lost drop") : "";
        // The counters outlive a change of the rules.
        Router.Nft("""
            table inet filter {
              counter sent { }
              counter lost { }
              chain forwarding { type filter hook forward priority filter; policy drop; }
              chain incoming { type filter hook input priority filter; policy drop; }
            }
            table ip nat {
              chain outgoing { type nat hook postrouting priority srcnat; }
            }
            flush chain inet filter forwarding
            flush chain inet filter incoming
            flush chain ip nat outgoing
            """ + $$"""

            table inet filter {
              chain forwarding {
                iifname "lan" meta l4proto udp counter name sent
                {{loss}}
                {{block}}
                ct state established,related accept
                iifname "lan" oifname "wan" accept
                {{open}}
              }
              chain incoming {
                iifname { "lo", "lan" } accept
                ct state established,related accept
                udp dport {{NetworkLab.ProbePort}} accept
                tcp dport {{NetworkLab.ProbePort}} accept
              }
            }
            table ip nat {
              chain outgoing {
                {{masquerade}}
              }
            }
            """);
    }

    [GeneratedRegex(@"bytes (\d+)")]
    private static partial Regex Bytes();

    [GeneratedRegex(@"packets (\d+)")]
    private static partial Regex Packets();
}
