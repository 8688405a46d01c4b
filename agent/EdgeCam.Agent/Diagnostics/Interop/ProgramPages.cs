using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Diagnostics.Interop;

/// <summary>The code and constants of this program and its libraries, as they are mapped from their files.</summary>
internal static partial class ProgramPages
{
    private const string OwnMappings = "/proc/self/smaps"; // proc(5)
    private const string Written = "Anonymous:"; // pages that are no longer the file's
    private const int DontNeed = 4; // MADV_DONTNEED

    /// <summary>
    /// Gives back the pages that were never written (madvise(2)): those in use come back from the page cache by themselves, the rest no longer counts as
    /// this process's memory, and the kernel may drop it without looking at us. A mapping in which anything was written, by relocation or by the runtime,
    /// is left alone.
    /// </summary>
    public static void Release()
    {
        var (start, end) = (0UL, 0UL);
        foreach (var line in File.ReadLines(OwnMappings))
        {
            // "7f0012340000-7f0012360000 r-xp 00000000 fe:00 1234   /usr/lib/..." and then what is known of it, a line each.
            if (line.StartsWith(Written, StringComparison.Ordinal))
            {
                if (end > start && line.AsSpan(Written.Length).Trim() is "0 kB")
                    _ = Advise((nuint)start, (nuint)(end - start), DontNeed); // refused where it is locked: then it stays
                end = start;
            }
            else if (line.IndexOf(' ', StringComparison.Ordinal) is var space and > 0 && line[space - 1] != ':')
            {
                var range = line.AsSpan(0, space);
                var dash = range.IndexOf('-');
                var isProgram = line.Contains(" /", StringComparison.Ordinal) && line[space + 1] == 'r' && line[space + 2] == '-';
                (start, end) = isProgram ? (Address(range[..dash]), Address(range[(dash + 1)..])) : (0, 0);
            }
        }
    }

    private static ulong Address(ReadOnlySpan<char> digits) => ulong.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint address, nuint length, int advice);
}
