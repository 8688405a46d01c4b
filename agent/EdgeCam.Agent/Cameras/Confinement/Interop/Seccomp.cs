using System.Runtime.InteropServices;
using EdgeCam.Agent.Security.Interop;

namespace EdgeCam.Agent.Cameras.Confinement.Interop;

/// <summary>
/// A filter of system calls (seccomp(2), classic BPF): a reader of network streams needs no other process, no file to write, no signals to
/// others, no tracing, no mounts, no keys and none of the kernel's newer machinery. What is refused gets EPERM. A filter sees numbers, not the
/// paths and structures that they point to.
/// </summary>
internal static unsafe class Seccomp
{
    private const int SetSeccomp = 22; // PR_SET_SECCOMP
    private const nuint FilterMode = 2; // SECCOMP_MODE_FILTER
    private const uint AllowAll = 0x7FFF_0000, Errno = 0x0005_0000, KillProcess = 0x8000_0000;
    private const uint NotPermitted = 1, NoSuchCall = 38;
    private const ushort Load = 0x20, And = 0x54, JumpIfEqual = 0x15, JumpIfNotBelow = 0x35, JumpIfSet = 0x45, Return = 0x06;
    private const uint NumberAt = 0, ArchitectureAt = 4, FirstArgumentAt = 16; // struct seccomp_data
    private const uint X64 = 0xC000_003E, Arm64 = 0xC000_00B7; // AUDIT_ARCH_*
    private const uint OtherX64Numbers = 0x4000_0000; // the x32 interface
    private const uint Thread = 0x1_0000; // CLONE_THREAD
    private const uint Writing = 0x3 | 0x40 | 0x200; // O_WRONLY and O_RDWR, O_CREAT, O_TRUNC, the same on both
    private const uint Internet = 2, Internet6 = 10, Netlink = 16; // AF_*
    private const uint SocketKind = 0xF, Stream = 1, Datagram = 2; // SOCK_TYPE_MASK; a SOCK_SEQPACKET would be SCTP
    private const uint AnyProtocol = 0, Tcp = 6, Udp = 17; // not Multipath TCP, which knows no ports of Landlock's
    private const uint FastOpen = 0x2000_0000; // MSG_FASTOPEN: a connection that Landlock does not see
    private const uint UpperProtocol = 31; // TCP_ULP, which makes another protocol of a socket
    private const uint SetOwner = 8, SetSignal = 10, SetOwnerEx = 15; // F_*: a signal to others by way of a descriptor

    /// <summary>What a library asks of a pipe or a socket: TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, SIOCGIFINDEX. A chip of lines, or a bus, is moved by ioctl though it was opened to be read.</summary>
    private static readonly uint[] s_requests = [0x5401, 0x5413, 0x541B, 0x5421, 0x8933];

    private static readonly Instruction s_allow = new(Return, 0, 0, AllowAll);
    private static readonly Instruction s_refuse = new(Return, 0, 0, Errno | NotPermitted);
    private static readonly Instruction s_unknown = new(Return, 0, 0, Errno | NoSuchCall);

    private static uint? Here => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => X64,
        Architecture.Arm64 => Arm64,
        _ => null,
    };

    /// <summary>The filter for this process and what it becomes; null where there is none for this processor.</summary>
    /// <param name="hasNetwork">Else there are no sockets at all.</param>
    public static Instruction[]? Prepare(bool hasNetwork) => Here is { } here ? [.. Write(here, hasNetwork, (uint)Environment.ProcessId)] : null;

    /// <returns>Null, or what failed.</returns>
    public static string? Apply(Instruction[]? program)
    {
        if (program is null)
            return "there is no filter of system calls for this processor";
        fixed (Instruction* first = program)
        {
            var filter = new Filter { Length = (ushort)program.Length, Instructions = first };
            return ProcessControl.Set(SetSeccomp, FilterMode, (nuint)(&filter)) == 0 ? null : Privileges.Describe("PR_SET_SECCOMP");
        }
    }

    /// <summary>A list of rules for one call each; a rule ends in a verdict whichever way it goes.</summary>
    private static List<Instruction> Write(uint architecture, bool hasNetwork, uint processId)
    {
        List<Instruction> program =
        [
            new(Load, 0, 0, ArchitectureAt),
            new(JumpIfEqual, 1, 0, architecture),
            new(Return, 0, 0, KillProcess),
            new(Load, 0, 0, NumberAt),
            new(JumpIfNotBelow, 0, 1, architecture == X64 ? OtherX64Numbers : uint.MaxValue),
            s_unknown,
        ];
        foreach (var call in SystemCalls.Refused)
            Rule(call, s_refuse);
        Rule(SystemCalls.Open, RefuseBits(1, Writing));
        Rule(SystemCalls.OpenAt, RefuseBits(2, Writing));
        Rule(SystemCalls.OpenHow, s_unknown);
        Rule(SystemCalls.Clone, [Argument(0), new(JumpIfSet, 1, 0, Thread), s_refuse, s_allow]);
        Rule(SystemCalls.CloneHow, s_unknown); // the C library then takes the other
        Rule(SystemCalls.SignalThread, Allow(0, processId)); // abort() and pthread_kill(); the number stays with the program that it becomes
        Rule(SystemCalls.Limits, Allow(0, 0)); // its own
        Rule(SystemCalls.DescriptorControl, Refuse(1, SetOwner, SetSignal, SetOwnerEx));
        Rule(SystemCalls.DeviceControl, Allow(1, s_requests));
        Rule(SystemCalls.Socket, hasNetwork ? Sockets() : [s_refuse]);
        Rule(SystemCalls.SendTo, RefuseBits(3, FastOpen));
        Rule(SystemCalls.SendMessage, RefuseBits(2, FastOpen));
        Rule(SystemCalls.SendMessages, RefuseBits(3, FastOpen));
        Rule(SystemCalls.SetSocketOption, [Argument(1), new(JumpIfEqual, 1, 0, Tcp), s_allow, .. Refuse(2, UpperProtocol)]);
        program.AddRange([new(JumpIfNotBelow, 0, 1, SystemCalls.FirstUnknown), s_unknown, s_allow]);
        return program;

        void Rule((int X64, int Arm64) call, params Instruction[] verdict)
        {
            if ((architecture == X64 ? call.X64 : call.Arm64) is >= 0 and var number)
                program.AddRange([new(JumpIfEqual, 0, (byte)verdict.Length, (uint)number), .. verdict]);
        }
    }

    /// <summary>TCP and UDP, and what tells of interfaces.</summary>
    private static Instruction[] Sockets()
    {
        Instruction[] internet =
        [
            Argument(1), new(And, 0, 0, SocketKind), new(JumpIfEqual, 2, 0, Stream), new(JumpIfEqual, 1, 0, Datagram), s_refuse,
            .. Allow(2, AnyProtocol, Tcp, Udp),
        ];
        return
        [
            Argument(0), new(JumpIfEqual, (byte)(3 + internet.Length), 0, Netlink), new(JumpIfEqual, 2, 0, Internet), new(JumpIfEqual, 1, 0, Internet6), s_refuse,
            .. internet,
            .. Allow(2, AnyProtocol),
        ];
    }

    /// <summary>Loads the lower half of an argument: all that are looked at are int.</summary>
    private static Instruction Argument(uint index) => new(Load, 0, 0, FirstArgumentAt + (8 * index));

    private static Instruction[] RefuseBits(uint index, uint bits) => [Argument(index), new(JumpIfSet, 0, 1, bits), s_refuse, s_allow];

    private static Instruction[] Allow(uint index, params uint[] values) => Choose(index, values, s_refuse, s_allow);

    private static Instruction[] Refuse(uint index, params uint[] values) => Choose(index, values, s_allow, s_refuse);

    private static Instruction[] Choose(uint index, uint[] values, Instruction otherwise, Instruction chosen) =>
        [Argument(index), .. values.Select((value, i) => new Instruction(JumpIfEqual, (byte)(values.Length - i), 0, value)), otherwise, chosen];

    /// <param name="IfTrue">Instructions to pass over.</param>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Value); // sock_filter

    [StructLayout(LayoutKind.Sequential)]
    private struct Filter // sock_fprog
    {
        public ushort Length;
        public Instruction* Instructions;
    }
}
