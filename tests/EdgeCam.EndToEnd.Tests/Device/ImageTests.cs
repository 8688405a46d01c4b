using System.Text.RegularExpressions;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>The image that deploy/image/build.sh makes, on a card of its own for each test.</summary>
public sealed class ImageTests(ITestOutputHelper output)
{
    private const string SetupFile = "edgecam-setup.json";
    private const string ErrorsFile = "edgecam-setup-errors.txt";

    [Fact]
    public async Task A_card_takes_its_setup_file_over_at_the_first_start_and_is_the_same_at_the_second()
    {
        await using var card = await Card.FlashAsync();
        await card.PutAsync(SetupFile, Setup(card));
        card.PowerOn();
        Assert.Contains("<title>EdgeCam</title>", await card.UntilPageAsync(), StringComparison.Ordinal);
        var first = await CheckAsync(card);
        await card.UntilAsync("http://porch.local:8080/#device=porch&token=");

        await card.RunAsync("systemctl reboot --no-block");
        await card.UntilAsync("reboot: Restarting system");
        await card.UntilPageAsync();
        Assert.Equal(first, await CheckAsync(card));

        await card.CutPowerAsync();
        var names = await card.ListAsync();
        Assert.DoesNotContain($"::/{SetupFile}\n", names, StringComparison.Ordinal);
        Assert.DoesNotContain(ErrorsFile, names, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Power_cuts_in_the_first_start_are_made_good_by_the_next()
    {
        await using var card = await Card.FlashAsync();
        await card.PutAsync(SetupFile, Setup(card));
        string[] moments =
        [
            "Starting edgecam-grow.service", "Starting systemd-growfs@var.service", "Starting edgecam-identity.service", "Starting edgecam-firstboot.service", "Finished edgecam-firstboot.service",
        ];
        foreach (var moment in moments)
        {
            var before = card.Console.Length;
            card.PowerOn();
            await card.UntilAsync(moment, before);
            await card.CutPowerAsync();
            output.WriteLine($"cut at: {moment}");
        }

        card.PowerOn();
        await card.UntilPageAsync();
        await CheckAsync(card);
    }

    [Fact]
    public async Task A_setup_file_with_a_mistake_changes_nothing_and_is_told_on_the_console_and_on_the_card()
    {
        await using var card = await Card.FlashAsync();
        await card.PutAsync(SetupFile, $$"""{ "device": { "id": "porch" }, "ssh": { "authorizedKeys": ["{{card.PublicKey}}"] }, "wfi": {} }""");
        card.PowerOn();
        await card.UntilPageAsync();
        await card.UntilAsync("edgecam-setup.json was not taken over");
        await card.UntilAsync("wfi");
        Assert.Matches(new Regex(@"http://edgecam-[0-9a-f]{4}\.local:8080/#device=edgecam-[0-9a-f]{4}&token="), card.Console);
        Assert.False(await card.HasSshAsync(), "SSH is off where no setup was taken over");

        await card.CutPowerAsync();
        Assert.Contains("wfi", await card.TakeAsync(ErrorsFile), StringComparison.Ordinal);
        Assert.Contains($"::/{SetupFile}\n", await card.ListAsync(), StringComparison.Ordinal);
    }

    private static string Setup(Card card) =>
        $$"""
        // as people write it
        {
          "device": { "id": "porch", "name": "Porch" },
          "wifi": { "ssid": "Garden", "password": "three words long", "country": "GB" },
          "ssh": { "authorizedKeys": ["{{card.PublicKey}}"] },
        }
        """;

    /// <returns>What has to stay as it is: machine id and host key.</returns>
    private static async Task<string> CheckAsync(Card card)
    {
        await card.UntilSshAsync();
        Assert.Equal("running", await card.RunAsync("systemctl is-system-running --wait"));
        Assert.Equal("", await card.RunAsync("systemctl --failed --no-legend"));
        Assert.Equal("active", await card.RunAsync("systemctl is-active edgecam.service"));
        Assert.Equal("porch", await card.RunAsync("cat /etc/hostname"));
        Assert.Equal("porch", await card.RunAsync("hostname"));
        Assert.Contains("ssid=Garden", await card.RunAsync("cat /etc/NetworkManager/system-connections/edgecam-wifi.nmconnection"), StringComparison.Ordinal);
        Assert.StartsWith("ro,", await card.RunAsync("findmnt -no OPTIONS /"), StringComparison.Ordinal);
        Assert.StartsWith("ro,", await card.RunAsync("findmnt -no OPTIONS /boot/firmware"), StringComparison.Ordinal);
        Assert.InRange(long.Parse(await card.RunAsync("df --output=size -B1 /var | tail -n 1"), System.Globalization.CultureInfo.InvariantCulture), 2L << 30, 4L << 30);
        Assert.Equal("", await card.RunAsync($"ls /boot/firmware | grep -e '^{SetupFile}$' -e '{ErrorsFile}' || true"));
        Assert.Equal("", await card.RunAsync("find /etc /root /boot/firmware -name '*.new' -o -name '*.new~'"));
        Assert.Contains("15", await card.RunAsync("cat /sys/class/watchdog/watchdog0/timeout"), StringComparison.Ordinal);
        Assert.Equal("active", await card.RunAsync("cat /sys/class/watchdog/watchdog0/state"));
        Assert.Equal("", await card.RunAsync("awk -F: '$2 !~ /^[!*]/' /etc/shadow")); // nobody has a password
        return await card.RunAsync("cat /etc/machine-id /var/lib/ssh/ssh_host_ed25519_key.pub");
    }
}
