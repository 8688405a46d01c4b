using System.Globalization;
using System.Text.RegularExpressions;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Packaging;

/// <summary>What systemd itself says of the unit files, without one that runs.</summary>
public sealed partial class UnitFileTests : IDisposable
{
    private static readonly string s_units = Path.Combine(Tool.RepositoryRoot(), "systemd");

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-units").FullName;

    /// <summary>Those that start something by a path or by the time among them.</summary>
    public static TheoryData<string> AllUnits => [.. Directory.GetFiles(s_units).Select(static path => Path.GetFileName(path)!).Where(static name => Path.GetExtension(name) is ".service" or ".path" or ".timer").Order(StringComparer.Ordinal)];

    public static TheoryData<string> Units => [.. Directory.GetFiles(s_units, "*.service").Select(static path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, MemberData(nameof(AllUnits))]
    public void Systemd_has_nothing_to_say_of_a_unit(string unit)
    {
        Tool.Need("systemd-analyze", "systemd");
        // The program is not installed here, and its absence is no fault of the unit. Other units of ours lie beside it.
        foreach (var path in Directory.GetFiles(s_units))
            File.WriteAllText(Path.Combine(_folder, Path.GetFileName(path)), Program().Replace(File.ReadAllText(path), "/bin/true "));
        var file = Path.Combine(_folder, unit);

        var (exit, output) = Tool.Run("systemd-analyze", ["verify", "--man=no", file]);

        Assert.Equal("", output);
        Assert.Equal(0, exit);
    }

    [Theory, MemberData(nameof(Units))]
    public void A_unit_exposes_little(string unit)
    {
        Tool.Need("systemd-analyze", "systemd");

        var output = Tool.Read("systemd-analyze", "security", "--offline=true", Path.Combine(s_units, unit));

        Assert.InRange(double.Parse(Exposure().Match(output).Groups[1].Value, CultureInfo.InvariantCulture), 0, 2.0);
    }

    /// <summary>Else device.reboot would wait for nobody, or the board never come back to its operator.</summary>
    [Fact]
    public void The_reboot_that_an_operator_asks_for_is_made_by_nobody_with_a_right_to_it()
    {
        Tool.Need("systemd-analyze", "systemd");
        foreach (var unit in new[] { "edgecam-reboot.path", "edgecam-reboot.service" })
            File.Copy(Path.Combine(s_units, unit), Path.Combine(_folder, unit));
        var (exit, output) = Tool.Run("systemd-analyze", ["verify", "--man=no", Path.Combine(_folder, "edgecam-reboot.path")]);
        Assert.Equal((0, ""), (exit, output));

        Assert.Contains($"PathExists={RebootRequest.Folder}/reboot", Settings("edgecam-reboot.path"));
        var service = Settings("edgecam-reboot.service");
        Assert.Contains("User=edgecam", service);
        Assert.Contains("CapabilityBoundingSet=", service);
        Assert.Contains("SuccessAction=reboot", service);
        Assert.Contains($"ExecStart=/bin/rm -f {RebootRequest.Folder}/reboot", service);
        Assert.Contains("RuntimeDirectory=edgecam", Settings("edgecam.service"));
        Assert.Contains($"SuccessExitStatus={ExitCode.Restart}", Settings("edgecam.service"));
    }

    /// <summary>A device that nobody reaches may never be left alone.</summary>
    [Fact]
    public void The_agent_is_started_again_for_ever_and_its_devices_are_made_safe()
    {
        var settings = Settings("edgecam.service");

        Assert.Contains("Restart=always", settings);
        Assert.Contains("StartLimitIntervalSec=0", settings);
        Assert.Contains("Type=notify", settings);
        Assert.Contains("WatchdogSec=20", settings);
        Assert.Contains("KillMode=mixed", settings);
        Assert.Contains("ExecStopPost=/usr/bin/edgecam safe --config /etc/edgecam/edgecam.json", settings);
    }

    [Fact]
    public void The_agent_has_no_right_of_roots()
    {
        var settings = Settings("edgecam.service");

        Assert.Contains("User=edgecam", settings);
        Assert.Contains("NoNewPrivileges=yes", settings);
        Assert.Contains("CapabilityBoundingSet=", settings);
        Assert.Contains("LimitCORE=0", settings);
    }

    /// <summary>A group in the unit that is on no device would end the service's start with status 216.</summary>
    [Fact]
    public void Every_group_of_the_service_is_made_with_its_user()
    {
        var groups = Settings("edgecam.service").Single(static line => line.StartsWith("SupplementaryGroups=", StringComparison.Ordinal)).Split('=')[1].Split(' ');
        var memberships = Settings("edgecam.sysusers").Where(static line => line.StartsWith("m edgecam ", StringComparison.Ordinal)).Select(static line => line.Split(' ')[2]);

        Assert.Equal(groups.Order(StringComparer.Ordinal), memberships.Order(StringComparer.Ordinal));
    }

    /// <summary>Whatever came by an update, the next one is installed, counted and taken back by the package's own program, as root and without a network.</summary>
    [Theory]
    [InlineData("edgecam-update.service", "apply")]
    [InlineData("edgecam-update-guard.service", "guard")]
    [InlineData("edgecam-update-deadline.service", "deadline")]
    public void Updates_are_the_packages_own_work(string unit, string verb)
    {
        var settings = Settings(unit);

        Assert.Contains($"ExecStart=/usr/lib/edgecam/edgecam update {verb}", settings);
        Assert.Contains("Type=oneshot", settings);
        Assert.Contains("PrivateNetwork=yes", settings);
        Assert.Contains("ProtectSystem=strict", settings);
        Assert.DoesNotContain(settings, static line => line.StartsWith("User=", StringComparison.Ordinal));
        Assert.DoesNotContain(settings, static line => line.StartsWith("CapabilityBoundingSet=", StringComparison.Ordinal) && line.Contains("SYS_ADMIN", StringComparison.Ordinal));
    }

    [Fact]
    public void Each_start_of_the_agent_is_counted_where_a_version_is_on_trial()
    {
        Assert.Contains("Wants=edgecam-update-guard.service", Settings("edgecam.service"));
        Assert.Contains(Settings("edgecam.service"), static line => line.StartsWith("After=", StringComparison.Ordinal) && line.Contains("edgecam-update-guard.service", StringComparison.Ordinal));
        Assert.Contains("StartLimitIntervalSec=0", Settings("edgecam-update-guard.service"));
        Assert.Contains("OnActiveSec=5min", Settings("edgecam-update-deadline.timer"));
    }

    private static string[] Settings(string file) => File.ReadAllLines(Path.Combine(s_units, file));

    [GeneratedRegex(@"/(usr/bin|usr/lib/edgecam|opt/edgecam/current)/edgecam ")]
    private static partial Regex Program();

    [GeneratedRegex(@"Overall exposure level for \S+: ([0-9.]+)")]
    private static partial Regex Exposure();
}
