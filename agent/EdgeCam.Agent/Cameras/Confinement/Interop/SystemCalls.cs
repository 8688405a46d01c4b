namespace EdgeCam.Agent.Cameras.Confinement.Interop;

/// <summary>Numbers of system calls on x86-64 and on arm64 (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h); -1 where there is none.</summary>
internal static class SystemCalls
{
    /// <summary>Those from here on are younger than this list (Linux 6.5): who asks for them takes an older one where they are missing.</summary>
    public const uint FirstUnknown = 451;

    public static readonly (int X64, int Arm64) Open = (2, -1), OpenAt = (257, 56), OpenHow = (437, 437); // openat2: its flags lie in memory
    public static readonly (int X64, int Arm64) Clone = (56, 220), CloneHow = (435, 435); // clone3, likewise
    public static readonly (int X64, int Arm64) Socket = (41, 198), SendTo = (44, 206), SendMessage = (46, 211), SendMessages = (307, 269), SetSocketOption = (54, 208);
    public static readonly (int X64, int Arm64) SignalThread = (234, 131), Limits = (302, 261), DescriptorControl = (72, 25), DeviceControl = (16, 29); // tgkill, prlimit64, fcntl, ioctl

    /// <summary>Those that are refused whatever their arguments are.</summary>
    public static readonly (int X64, int Arm64)[] Refused =
    [
        (57, -1), (58, -1), // fork, vfork
        (62, 129), (200, 130), (129, 138), (297, 240), (424, 424), (434, 434), // kill, tkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal, pidfd_open
        (101, 117), (310, 270), (311, 271), (438, 438), (312, 272), // ptrace, process_vm_readv, process_vm_writev, pidfd_getfd, kcmp
        (440, 440), (448, 448), (256, 238), (279, 239), // process_madvise, process_mrelease, migrate_pages, move_pages
        (141, 140), (144, 119), (142, 118), (314, 274), (203, 122), (251, 30), // setpriority, sched_setscheduler, sched_setparam, sched_setattr, sched_setaffinity, ioprio_set
        (85, -1), (76, 45), // creat, truncate
        (87, -1), (263, 35), (82, -1), (264, 38), (316, 276), // unlink, unlinkat, rename, renameat, renameat2
        (83, -1), (258, 34), (84, -1), (133, -1), (259, 33), // mkdir, mkdirat, rmdir, mknod, mknodat
        (86, -1), (265, 37), (88, -1), (266, 36), // link, linkat, symlink, symlinkat
        (90, -1), (91, 52), (268, 53), (92, -1), (94, -1), (93, 55), (260, 54), // chmod, fchmod, fchmodat, chown, lchown, fchown, fchownat
        (188, 5), (189, 6), (190, 7), (197, 14), (198, 15), (199, 16), // setxattr, lsetxattr, fsetxattr, removexattr, lremovexattr, fremovexattr
        (132, -1), (235, -1), (261, -1), (280, 88), // utime, utimes, futimesat, utimensat
        (53, 199), (50, 201), // socketpair (a datagram socket of a pair sends to any path), listen
        (29, 194), (30, 196), (64, 190), (68, 186), (240, 180), (241, 181), // shmget, shmat, semget, msgget, mq_open, mq_unlink
        (165, 40), (166, 39), (155, 41), (161, 51), // mount, umount2, pivot_root, chroot
        (428, 428), (429, 429), (430, 430), (431, 431), (432, 432), (433, 433), (442, 442), // open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr
        (272, 97), (308, 268), // unshare, setns
        (248, 217), (249, 218), (250, 219), // add_key, request_key, keyctl
        (321, 280), (298, 241), (323, 282), // bpf, perf_event_open, userfaultfd
        (425, 425), (426, 426), (427, 427), // io_uring
        (175, 105), (313, 273), (176, 106), (246, 104), (320, 294), (169, 142), // modules, kexec, reboot
        (303, 264), (304, 265), // name_to_handle_at, open_by_handle_at
        (163, 89), (167, 224), (168, 225), (103, 116), // acct, swapon, swapoff, syslog
        (135, 92), // personality
    ];
}
