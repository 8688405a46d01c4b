using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Devices.Board.Interop;

/// <summary>
/// Questions to the Raspberry Pi's firmware through <c>/dev/vcio</c>, which members of the group video may ask: a buffer of a tag, as its
/// mailbox property interface has it.
/// </summary>
internal static unsafe partial class FirmwareMailbox
{
    public const string Device = "dev/vcio";

    private const nuint Property = 0xC008_6400; // _IOWR(100, 0, char *) where a pointer has 8 bytes
    private const uint GetThrottled = 0x0003_0046;
    private const uint Success = 0x8000_0000;

    /// <summary>Null where there is no such firmware, or this user may not ask it.</summary>
    public static FirmwareFlags? Read(string path)
    {
        if (nint.Size != 8 || !File.Exists(path))
            return null;
        try
        {
            using var device = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var message = Question();
            fixed (uint* start = message)
                return Control(device, Property, start) < 0 ? null : Answer(message);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Length in bytes, 0 for a request; the tag, its room in bytes, 0 for a request, a mask of flags to clear: none; the end.</summary>
    internal static uint[] Question() => [7 * sizeof(uint), 0, GetThrottled, sizeof(uint), 0, 0, 0];

    internal static FirmwareFlags? Answer(uint[] message) =>
        message[1] == Success && (message[4] & Success) != 0 ? new FirmwareFlags(message[5]) : null;

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle device, nuint request, uint* message);
}
