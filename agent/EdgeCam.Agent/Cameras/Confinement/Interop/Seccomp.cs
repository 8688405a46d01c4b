using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Cameras.Confinement.Interop;

/// <summary>
/// A filter of system calls (seccomp(2), classic BPF): a reader of network streams needs no other process, no tracing, no mounts, no keys and
/// none of the kernel's newer machinery. What is refused gets EPERM.
/// </summary>
internal static unsafe partial class Seccomp
{
    private const int SetSeccomp = 22; // PR_SET_SECCOMP
    private const nuint FilterMode = 2; // SECCOMP_MODE_FILTER
    private const uint AllowAll = 0x7FFF_0000, Errno = 0x0005_0000, KillProcess = 0x8000_0000;
    private const uint NotPermitted = 1, NoSuchCall = 38;
    private const ushort Load = 0x20, JumpIfEqual = 0x15, JumpIfNotBelow = 0x35, JumpIfSet = 0x45, Return = 0x06;
    private const uint NumberAt = 0, ArchitectureAt = 4, FirstArgumentAt = 16; // struct seccomp_data
    private const uint X64 = 0xC000_003E, Arm64 = 0xC000_00B7; // AUDIT_ARCH_*
    private const uint OtherX64Numbers = 0x4000_0000; // the x32 interface
    private const uint Thread = 0x1_0000; // CLONE_THREAD

    /// <summary>The number on x86-64 and on arm64; -1 where there is none.</summary>
    private static readonly (int X64, int Arm64)[] s_refused =
    [
        (57, -1), (58, -1), // fork, vfork
        (62, 129), (200, 130), // kill, tkill
        (101, 117), (310, 270), (311, 271), (438, 438), (312, 272), // ptrace, process_vm_readv, process_vm_writev, pidfd_getfd, kcmp
        (165, 40), (166, 39), (155, 41), (161, 51), (429, 429), (430, 430), (431, 431), (432, 432), (442, 442), // mount, umount2, pivot_root, chroot, move_mount and its kin
        (272, 97), (308, 268), // unshare, setns
        (248, 217), (249, 218), (250, 219), // add_key, request_key, keyctl
        (321, 280), (298, 241), (323, 282), // bpf, perf_event_open, userfaultfd
        (425, 425), (426, 426), (427, 427), // io_uring
        (175, 105), (313, 273), (176, 106), (246, 104), (320, 294), (169, 142), // modules, kexec, reboot
        (303, 264), (304, 265), // name_to_handle_at, open_by_handle_at
        (163, 89), (167, 224), (168, 225), (103, 116), // acct, swapon, swapoff, syslog
        (135, 92), // personality
    ];

    private static (uint Architecture, int Clone)? Here => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (X64, 56),
        Architecture.Arm64 => (Arm64, 220),
        _ => null,
    };

    /// <summary>The filter; null where there is none for this processor.</summary>
    public static Instruction[]? Prepare() => Here is { } here ? [.. Write(here.Architecture, here.Clone)] : null;

    /// <returns>Null, or what failed.</returns>
    public static string? Apply(Instruction[]? program)
    {
        if (program is null)
            return "there is no filter of system calls for this processor";
        fixed (Instruction* first = program)
        {
            var filter = new Filter { Length = (ushort)program.Length, Instructions = first };
            return Prctl(SetSeccomp, FilterMode, &filter, 0, 0) == 0 ? null : Privileges.Describe("PR_SET_SECCOMP");
        }
    }

    private static List<Instruction> Write(uint architecture, int clone)
    {
        List<Instruction> program =
        [
            new(Load, 0, 0, ArchitectureAt),
            new(JumpIfEqual, 1, 0, architecture),
            new(Return, 0, 0, KillProcess),
            new(Load, 0, 0, NumberAt),
        ];
        if (architecture == X64)
            program.AddRange([new(JumpIfNotBelow, 0, 1, OtherX64Numbers), new(Return, 0, 0, Errno | NoSuchCall)]);
        foreach (var (x64, arm64) in s_refused)
        {
            if ((architecture == X64 ? x64 : arm64) is >= 0 and var number)
                program.AddRange([new(JumpIfEqual, 0, 1, (uint)number), new(Return, 0, 0, Errno | NotPermitted)]);
        }

        program.AddRange(
        [
            new(JumpIfEqual, 0, 1, 435), // clone3, whose flags lie in memory: the C library then takes clone
            new(Return, 0, 0, Errno | NoSuchCall),
            new(JumpIfEqual, 0, 3, (uint)clone), // threads only
            new(Load, 0, 0, FirstArgumentAt),
            new(JumpIfSet, 1, 0, Thread),
            new(Return, 0, 0, Errno | NotPermitted),
            new(Return, 0, 0, AllowAll),
        ]);
        return program;
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nuint first, Filter* second, nuint third, nuint fourth);

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
