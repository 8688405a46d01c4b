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
    /// this process's memory, and the kernel may drop it without looking at us.
    /// </summary>
    /// <exception cref="IOException">The kernel does not tell of our mappings; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public static void Release()
    {
        foreach (var (start, length) in Find(File.ReadLines(OwnMappings)))
            _ = Advise(start, length, DontNeed); // refused where it is locked: then it stays
    }

    /// <summary>
    /// Private mappings of files that are not writable, and in which nothing was written before, by relocation or by the runtime: only those pages are
    /// still the file's. A device's buffers are shared mappings; they would not come back.
    /// </summary>
    internal static IEnumerable<(nuint Start, nuint Length)> Find(IEnumerable<string> lines)
    {
        var (start, length) = ((nuint)0, (nuint)0);
        foreach (var line in lines)
        {
            // "7f0012340000-7f0012360000 r-xp 00000000 fe:00 1234   /usr/lib/..." and then what is known of it, a line each.
            if (line.StartsWith(Written, StringComparison.Ordinal))
            {
                if (length > 0 && line.AsSpan(Written.Length).Trim() is "0 kB")
                    yield return (start, length);
                length = 0;
            }
            else if (line.Split(' ', 3) is [var range, "r-xp" or "r--p", var rest] && rest.Contains(" /", StringComparison.Ordinal) && range.Split('-') is [var from, var to])
            {
                start = Address(from);
                length = Address(to) - start;
            }
            else if (!line.AsSpan(0, Math.Max(line.IndexOf(' ', StringComparison.Ordinal), 0)).EndsWith(":"))
            {
                length = 0; // another mapping begins
            }
        }
    }

    private static nuint Address(string digits) => nuint.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint address, nuint length, int advice);
}
