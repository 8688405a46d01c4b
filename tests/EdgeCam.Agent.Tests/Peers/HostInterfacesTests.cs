using System.Net.NetworkInformation;
using EdgeCam.Agent.Peers;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>On whatever interfaces this machine has.</summary>
public sealed class HostInterfacesTests
{
    private static string[] Names => [.. NetworkInterface.GetAllNetworkInterfaces().Select(network => network.Name)];

    [Fact]
    public void Every_address_can_be_a_candidate()
    {
        var addresses = HostInterfaces.List([]);
        Assert.NotEmpty(addresses);
        Assert.All(addresses, address => Assert.True(address is { IsUnspecified: false, IsMulticast: false, Port: 0 }));
        Assert.DoesNotContain(addresses, address => !address.IsIPv4 && address.IsLinkLocal);
        Assert.Equal(addresses.Distinct(), addresses);
        Assert.Equal(addresses.OrderBy(address => address.IsIPv4 ? 0 : 1), addresses);
    }

    [Fact]
    public void Loopback_stands_in_where_there_is_nothing_else()
    {
        string[] others = [.. Names.Where(name => name != "lo")];
        Assert.All(HostInterfaces.List(others), address => Assert.True(address.IsLoopback));
        Assert.NotEmpty(HostInterfaces.List(others));
    }

    [Fact]
    public void Excluded_names_give_no_candidates() => Assert.Empty(HostInterfaces.List(Names));

    [Theory]
    [InlineData("*")]
    [InlineData("?*", false)]
    [InlineData("l", false)]
    public void Only_a_trailing_star_stands_for_any_ending(string pattern, bool excludesAll = true)
    {
        Assert.Equal(excludesAll, HostInterfaces.List([pattern]).Count == 0);
    }

    [Fact]
    public void A_prefix_with_a_star_excludes_what_begins_with_it()
    {
        string[] prefixes = [.. Names.Select(name => name[..^1] + "*")];
        Assert.Empty(HostInterfaces.List(prefixes));
    }
}
