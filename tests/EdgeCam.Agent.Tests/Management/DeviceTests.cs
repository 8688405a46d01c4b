using System.Text.Json;
using EdgeCam.Agent.Management;

namespace EdgeCam.Agent.Tests.Management;

public sealed class DeviceTests
{
    [Theory]
    [InlineData("raspberrypi", "raspberrypi")]
    [InlineData("Kitchen_Cam.example.org", "kitchen-cam")]
    [InlineData("--x--", "x")]
    [InlineData("", "edgecam")]
    [InlineData("___", "edgecam")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_host_name_becomes_an_id(string hostName, string id)
    {
        Assert.Equal(id, DeviceIdentity.IdFrom(hostName));
        Assert.Matches("^[a-z0-9][a-z0-9-]{0,62}$", id);
    }

    [Fact]
    public void The_status_tells_this_run_from_another()
    {
        var first = DeviceIdentity.Create(new(Name: "Front door"), "pi", "1.2.3", TimeProvider.System);
        var second = DeviceIdentity.Create(new(), "pi", "1.2.3", TimeProvider.System);
        Assert.NotEqual(first.BootId, second.BootId);
        Assert.Equal("pi", second.Name);

        var online = JsonElement.Parse(StatusMessage.WhenOnline(first, [new("cam0", "live", 1280, 720), new("cam1", "lost", 640, 480, "unplugged")], first.Since));
        Assert.True(online.GetProperty("online").GetBoolean());
        Assert.Equal("Front door", online.GetProperty("name").GetString());
        Assert.Equal(first.BootId, online.GetProperty("bootId").GetString());
        Assert.Equal("unplugged", online.GetProperty("cameras")[1].GetProperty("detail").GetString());
        Assert.False(online.GetProperty("cameras")[0].TryGetProperty("detail", out _));

        var offline = JsonElement.Parse(StatusMessage.WhenOffline(first));
        Assert.False(offline.GetProperty("online").GetBoolean());
        Assert.False(offline.TryGetProperty("cameras", out _));
    }

    [Fact]
    public void Since_when_it_runs_is_said_by_a_clock_that_is_set()
    {
        var unset = DeviceIdentity.Create(new(), "pi", "1.2.3", new Support.ManualTime());
        Assert.Null(unset.Since);
        Assert.DoesNotContain("since", System.Text.Encoding.UTF8.GetString(StatusMessage.WhenOffline(unset)), StringComparison.Ordinal);

        Assert.Equal(Support.ManualTime.SetClock, DeviceIdentity.Create(new(), "pi", "1.2.3", new Support.ManualTime(Support.ManualTime.SetClock)).Since);
    }

    [Fact]
    public void The_machine_says_what_it_is()
    {
        var root = Directory.CreateTempSubdirectory("edgecam-root").FullName;
        try
        {
            Assert.Equal(new DeviceFacts("unknown", "Linux"), DeviceFacts.Read(root));
            Directory.CreateDirectory(Path.Combine(root, "proc/device-tree"));
            Directory.CreateDirectory(Path.Combine(root, "etc"));
            File.WriteAllText(Path.Combine(root, "proc/device-tree/model"), "Raspberry Pi 5 Model B Rev 1.0\0");
            File.WriteAllText(Path.Combine(root, "etc/os-release"), "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");

            Assert.Equal(new DeviceFacts("Raspberry Pi 5 Model B Rev 1.0", "Debian GNU/Linux 12 (bookworm)"), DeviceFacts.Read(root));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
