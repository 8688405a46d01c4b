using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Cameras.Confinement.Interop;

/// <summary>A program to become: its arguments and an environment of two words lie ready, so that nothing has to be loaded any more.</summary>
internal sealed unsafe partial class Image(string[] command)
{
    private readonly byte** _arguments = Strings(command);
    private readonly byte** _environment = Strings(["PATH=/usr/bin:/bin", "LANG=C.UTF-8"]);

    /// <summary>execve(2).</summary>
    /// <returns>What failed; not at all where nothing did.</returns>
    public string Become()
    {
        Execute(_arguments[0], _arguments, _environment);
        return Privileges.Describe(command[0]);
    }

    private static byte** Strings(string[] texts)
    {
        var list = (byte**)NativeMemory.AllocZeroed((nuint)(texts.Length + 1), (nuint)sizeof(byte*)); // for the program: never freed
        for (var i = 0; i < texts.Length; i++)
            list[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        return list;
    }

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true)]
    private static partial int Execute(byte* path, byte** arguments, byte** environment);
}
