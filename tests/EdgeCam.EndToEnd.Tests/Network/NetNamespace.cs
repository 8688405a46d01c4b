using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>A network namespace that a test made: programs run in it, and sockets of the test's own process may live in it.</summary>
internal sealed partial class NetNamespace
{
    private const int NewNetwork = 0x40000000; // CLONE_NEWNET

    public NetNamespace(string name)
    {
        Name = name;
        // ip-netns(8): files of this folder lie over those of /etc for programs started in the namespace.
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "resolv.conf"), $"nameserver {NetworkLab.PublicAddress}\noptions timeout:1 attempts:2\n");
        Command.Run("ip", ["netns", "add", name]);
        // An IPv6 address that appears seconds after its link would look to a browser like a change of network, which ends what it loads.
        Run("sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0"); // the kernel asks for both
        Ip("link set lo up");
    }

    public string Name { get; }

    private string Folder => $"/etc/netns/{Name}";

    /// <summary>The <c>ip</c> command, words parted by blanks.</summary>
    public string Ip(string words) => Command.Run("ip", ["-n", Name, .. words.Split(' ')]);

    public string Run(string words, string input = "") => Command.Run("ip", ["netns", "exec", Name, .. words.Split(' ')], input);

    /// <summary>Rules for nft's standard input, applied all or none.</summary>
    public string Nft(string rules) => Run("nft -f -", rules + "\n");

    public ChildProcess Start(string program, IEnumerable<string> arguments, Action<string, bool>? onLine = null, IReadOnlyDictionary<string, string>? environment = null) =>
        ChildProcess.Start("ip", ["netns", "exec", Name, program, .. arguments], onLine, environment);

    /// <summary>Runs on a thread that has entered the namespace; a socket that is made there stays there.</summary>
    public T Enter<T>(Func<T> action)
    {
        T? result = default;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle($"/run/netns/{Name}");
                if (SetNamespace((int)handle.DangerousGetHandle(), NewNetwork) != 0)
                    throw new Win32Exception(Marshal.GetLastPInvokeError());
                result = action();
            }
            catch (Exception caught)
            {
                failure = caught;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result! : throw new InvalidOperationException($"In {Name}: {failure.Message}", failure);
    }

    public Socket DatagramSocket(AddressFamily family) => Enter(() => new Socket(family, SocketType.Dgram, ProtocolType.Udp));

    public Socket Socket(SocketType type) =>
        Enter(() => new Socket(AddressFamily.InterNetwork, type, type == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp));

    /// <summary>HTTP to addresses as they are seen inside.</summary>
    public HttpClient Http(TimeSpan timeout) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, stop) =>
        {
            var socket = Socket(SocketType.Stream);
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, stop);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    }) { Timeout = timeout };

    public void Delete() => Delete(Name);

    /// <summary>Ends what still runs inside, and takes the namespace away.</summary>
    public static void Delete(string name)
    {
        foreach (var id in Command.TryRun("ip", ["netns", "pids", name]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Command.TryRun("kill", ["-KILL", id]);
        Command.TryRun("ip", ["netns", "del", name]);
        if (Directory.Exists($"/etc/netns/{name}"))
            Directory.Delete($"/etc/netns/{name}", recursive: true);
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int descriptor, int kind);
}
