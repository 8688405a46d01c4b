using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>
/// A card flashed with the image of deploy/image, in an ARM64 machine that starts from it by UEFI, as it is: nothing is taken out of it.
/// Larger than the image, as cards are.
/// </summary>
/// <remarks><c>EDGECAM_IMAGE</c> names the image (<c>.img</c>, not compressed); building it takes minutes and root.</remarks>
internal sealed class Card : IAsyncDisposable
{
    /// <summary>Of an emulated board on a machine that other tests keep busy; idle it starts in a minute.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private const string Firmware = "/usr/share/AAVMF/AAVMF_CODE.fd";
    private const string Variables = "/usr/share/AAVMF/AAVMF_VARS.fd";
    private const long Size = 4L << 30; // bytes
    private const string BootPartition = "4M"; // where it begins: deploy/image/pack.sh

    private readonly string _folder;
    private readonly int _sshPort = FreePort.Tcp();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private Process? _machine;

    private Card(string folder)
    {
        _folder = folder;
        Page = new($"http://127.0.0.1:{FreePort.Tcp()}/");
    }

    /// <summary>The device's page, through a forwarded port.</summary>
    public Uri Page { get; }

    /// <summary>The line for <c>ssh.authorizedKeys</c> by which <see cref="RunAsync"/> logs in.</summary>
    public string PublicKey => File.ReadAllText(Path.Combine(_folder, "key.pub")).Trim();

    /// <summary>All that the serial line has said since the first start, without colours.</summary>
    public string Console => Regex.Replace(Read(), @"\e\[[0-9;?!]*[A-Za-z]", "", RegexOptions.None, TimeSpan.FromSeconds(10));

    /// <summary>Flashes one.</summary>
    public static async Task<Card> FlashAsync()
    {
        var image = Environment.GetEnvironmentVariable("EDGECAM_IMAGE");
        Assert.SkipUnless(File.Exists(image), "EDGECAM_IMAGE names no image: sudo deploy/image/build.sh --deb FILE --out card.img");
        Assert.SkipUnless(File.Exists(Firmware), "QEMU's UEFI for ARM64 is missing: apt-get install qemu-system-arm qemu-efi-aarch64");
        var card = new Card(Directory.CreateTempSubdirectory("edgecam-card-").FullName);
        await ToolAsync("cp", "--sparse=always", "--reflink=auto", image, card.Disk);
        using (var disk = File.OpenHandle(card.Disk, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.SetLength(disk, Size);
        File.Copy(Variables, Path.Combine(card._folder, "variables"));
        await ToolAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", Path.Combine(card._folder, "key"));
        return card;
    }

    /// <summary>Lays a file on the boot partition, as a card reader does. The machine is off.</summary>
    public async Task PutAsync(string name, string content)
    {
        var local = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(local, content);
        await ToolAsync("mcopy", "-o", "-i", $"{Disk}@@{BootPartition}", local, $"::/{name}");
    }

    /// <summary>The names on the boot partition's top. The machine is off.</summary>
    public async Task<string> ListAsync() => await ToolAsync("mdir", "-b", "-i", $"{Disk}@@{BootPartition}", "::/");

    /// <summary>A file of the boot partition. The machine is off.</summary>
    public async Task<string> TakeAsync(string name) => await ToolAsync("mtype", "-i", $"{Disk}@@{BootPartition}", $"::/{name}");

    public void PowerOn()
    {
        // Without the guards against spying neighbours an emulated processor needs a third less.
        string[] arguments =
        [
            "-machine", "virt", "-cpu", "max,pauth=off,sve=off,sme=off,lpa2=off", "-accel", "tcg,thread=multi", "-smp", "2", "-m", "1024", "-display", "none", "-nodefaults",
            "-drive", $"if=pflash,format=raw,readonly=on,file={Firmware}", "-drive", $"if=pflash,format=raw,file={Path.Combine(_folder, "variables")}",
            "-drive", $"file={Disk},if=none,id=card,format=raw", "-device", "virtio-blk-pci,drive=card,bootindex=0",
            "-netdev", $"user,id=net,hostfwd=tcp:127.0.0.1:{Page.Port}-:8080,hostfwd=tcp:127.0.0.1:{_sshPort}-:22", "-device", "virtio-net-pci,netdev=net,romfile=",
            "-device", "virtio-rng-pci", "-device", "i6300esb", "-chardev", $"file,id=console,path={Serial},append=on", "-serial", "chardev:console",
        ];
        _machine = Process.Start(new ProcessStartInfo("qemu-system-aarch64", arguments));
    }

    /// <summary>Takes the power away: what had not been written to the card is lost.</summary>
    public async Task CutPowerAsync()
    {
        if (_machine is null)
            return;
        _machine.Kill();
        await _machine.WaitForExitAsync();
        _machine.Dispose();
        _machine = null;
    }

    /// <summary>Waits until the serial line has said something.</summary>
    /// <param name="after">Characters of <see cref="Console"/> that do not count.</param>
    public async Task UntilAsync(string words, int after = 0) =>
        await UntilAsync(() => Task.FromResult(Console is { } text && text.Length > after && text.IndexOf(words, after, StringComparison.Ordinal) >= 0), $"the console says \"{words}\"");

    /// <summary>Waits until the device's page answers with 200, and gives it.</summary>
    public async Task<string> UntilPageAsync()
    {
        var page = "";
        await UntilAsync(
            async () =>
            {
                try
                {
                    page = await _http.GetStringAsync(Page);
                    return true;
                }
                catch (Exception refused) when (refused is HttpRequestException or TaskCanceledException)
                {
                    return false;
                }
            },
            "the page answers");
        return page;
    }

    /// <summary>Waits until SSH lets the key in.</summary>
    public async Task UntilSshAsync() => await UntilAsync(async () => (await SshAsync("true")).ExitCode == 0, "SSH lets the key in");

    /// <summary>Whether anything answers at the SSH port.</summary>
    public async Task<bool> HasSshAsync()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", _sshPort); // QEMU accepts for the device, and closes where it does not
        var greeting = new byte[4];
        socket.ReceiveTimeout = 10_000;
        try
        {
            return await socket.GetStream().ReadAtLeastAsync(greeting, 4, throwOnEndOfStream: false) == 4;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Runs a line of shell on the device, as root.</summary>
    /// <returns>Its standard output without white space at the ends.</returns>
    public async Task<string> RunAsync(string command)
    {
        var (exitCode, output) = await SshAsync(command);
        Assert.True(exitCode == 0, $"{command}: status {exitCode}\n{output}");
        return output.Trim();
    }

    public async ValueTask DisposeAsync()
    {
        await CutPowerAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Disk => Path.Combine(_folder, "disk");

    private string Serial => Path.Combine(_folder, "serial");

    private string Read() => File.Exists(Serial) ? File.ReadAllText(Serial) : "";

    private async Task UntilAsync(Func<Task<bool>> isDone, string words)
    {
        var since = Stopwatch.StartNew();
        while (!await isDone())
        {
            Assert.False(_machine?.HasExited ?? true, $"{words}: the machine is off");
            var text = since.Elapsed < Patience ? "" : Console;
            Assert.True(since.Elapsed < Patience, $"{words}: not after {since.Elapsed.TotalSeconds:F0} s. The console's end:\n{text[Math.Max(0, text.Length - 4000)..]}");
            await Task.Delay(200);
        }
    }

    private Task<(int ExitCode, string Output)> SshAsync(string command) => ProgramAsync(
        "ssh",
        [
            "-q", "-i", Path.Combine(_folder, "key"), "-p", _sshPort.ToString(CultureInfo.InvariantCulture), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=60", "root@127.0.0.1", command,
        ]);

    private static async Task<string> ToolAsync(string program, params string[] arguments)
    {
        var (exitCode, output) = await ProgramAsync(program, arguments);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)}: status {exitCode}\n{output}");
        return output;
    }

    /// <returns>What it said on standard output, and after it on standard error.</returns>
    private static async Task<(int ExitCode, string Output)> ProgramAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MTOOLS_SKIP_CHECK"] = "1"; // the boot partition is not alone in the file
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}
