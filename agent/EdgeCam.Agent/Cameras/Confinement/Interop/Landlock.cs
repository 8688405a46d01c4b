using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Cameras.Confinement.Interop;

/// <summary>Landlock (linux/landlock.h): files and TCP ports that this thread, and what it becomes, may use from now on. Each version of the kernel's interface adds to it.</summary>
internal static unsafe partial class Landlock
{
    private const nint CreateRuleset = 444, AddRule = 445, RestrictSelf = 446; // the same on all architectures
    private const nint AskVersion = 1;
    private const nint PathRule = 1, PortRule = 2;

    private const ulong Execute = 1, WriteFile = 2, ReadFile = 4, ReadFolder = 8;
    private const ulong ConnectTcp = 2, BindTcp = 1;
    private const ulong AbstractSockets = 1, Signals = 2;
    private const ulong Dns = 53;

    private const int PathOnly = 0x20_0000 | 0x8_0000; // O_PATH | O_CLOEXEC

    /// <summary>The system's programs and libraries.</summary>
    private static readonly string[] s_folders = ["/usr", "/lib", "/lib64", "/bin", "/run/systemd/resolve"];

    /// <summary>What libraries are found and names are looked up with.</summary>
    private static readonly string[] s_files =
        ["/etc/ld.so.cache", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/gai.conf", "/etc/localtime", "/dev/urandom", "/dev/random"];

    /// <summary>The version of the interface; 0 where the kernel has none, or it is switched off.</summary>
    public static int Version => (int)Math.Max(0, Call(CreateRuleset, null, 0, AskVersion, 0));

    /// <returns>Null, also where there is no Landlock; or what failed.</returns>
    public static string? Apply(string program, IReadOnlyList<int> ports)
    {
        var version = Version;
        if (version == 0)
            return null;
        var attributes = new Attributes
        {
            Files = (1UL << version switch { 1 => 13, 2 => 14, 3 or 4 => 15, _ => 16 }) - 1,
            Network = version >= 4 ? ConnectTcp | BindTcp : 0,
            Scopes = version >= 6 ? AbstractSockets | Signals : 0,
        };
        var size = version switch { < 4 => 8, < 6 => 16, _ => 24 };
        var descriptor = Call(CreateRuleset, &attributes, size, 0, 0);
        if (descriptor < 0)
            return Privileges.Describe("landlock_create_ruleset");
        using var rules = new SafeFileHandle(descriptor, ownsHandle: true);
        var isAllowed = s_folders.All(folder => Allow(rules, folder, Execute | ReadFile | ReadFolder))
            && s_files.All(file => Allow(rules, file, ReadFile))
            && Allow(rules, "/dev/null", ReadFile | WriteFile)
            && Allow(rules, program, Execute | ReadFile)
            && (version < 4 || ports.Select(static port => (ulong)port).Append(Dns).All(port => Allow(rules, port)));
        if (!isAllowed)
            return Privileges.Describe("landlock_add_rule");
        return Call(RestrictSelf, (void*)descriptor, 0, 0, 0) == 0 ? null : Privileges.Describe("landlock_restrict_self");
    }

    /// <returns>True also where the path is not there.</returns>
    private static bool Allow(SafeFileHandle rules, string path, ulong access)
    {
        var descriptor = Open(path, PathOnly);
        if (descriptor < 0)
            return true;
        using var place = new SafeFileHandle(descriptor, ownsHandle: true);
        var rule = new PathAttributes { Access = access, Descriptor = descriptor };
        return Call(AddRule, (void*)rules.DangerousGetHandle(), PathRule, (nint)(&rule), 0) == 0;
    }

    private static bool Allow(SafeFileHandle rules, ulong port)
    {
        var rule = new PortAttributes { Access = ConnectTcp, Port = port };
        return Call(AddRule, (void*)rules.DangerousGetHandle(), PortRule, (nint)(&rule), 0) == 0;
    }

    // syscall and open are variadic; with integers and pointers both architectures pass those as they pass named arguments.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, void* first, nint second, nint third, nint fourth);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes // landlock_ruleset_attr
    {
        public ulong Files;
        public ulong Network;
        public ulong Scopes;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct PathAttributes // landlock_path_beneath_attr
    {
        public ulong Access;
        public int Descriptor;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PortAttributes // landlock_net_port_attr
    {
        public ulong Access;
        public ulong Port;
    }
}
