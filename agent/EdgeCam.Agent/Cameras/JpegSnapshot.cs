using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using EdgeCam.Agent.Cameras.Confinement;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// Makes a JPEG of the last picture of a group by a child process, ffmpeg, which is confined: what an IP camera sends meets no decoder that
/// has rights. Bound: 15 seconds, and 16 MiB of what it writes.
/// </summary>
internal static class JpegSnapshot
{
    /// <summary>The child is ended after so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private const int MaxSize = 16 * 1024 * 1024;
    private const int MaxWords = 300;

    /// <summary>Runs on a thread of its own, which lives as long as the child: the kernel ends that with the thread (prctl(2), PR_SET_PDEATHSIG).</summary>
    /// <param name="group">Gives Annex B, from an IDR picture on; called once, on that thread.</param>
    /// <param name="pictures">How many it holds; the last one is wanted.</param>
    /// <param name="program">Null: ffmpeg, wherever it is installed.</param>
    public static Task<JpegResult> TakeAsync(Func<ReadOnlyMemory<byte>> group, int pictures, string? program = null)
    {
        var ended = new TaskCompletionSource<JpegResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                ended.SetResult(Take(group(), pictures, program));
            }
#pragma warning disable CA1031 // handed to whoever waits for it: a bug of ours must not end the process from a thread
            catch (Exception bug)
#pragma warning restore CA1031
            {
                ended.SetException(bug);
            }
        })
        {
            Name = "snapshot",
            IsBackground = true,
        }.Start();
        return ended.Task;
    }

    private static JpegResult Take(ReadOnlyMemory<byte> group, int pictures, string? program)
    {
        if (ChildProgram.Find(program ?? "ffmpeg") is not { } found)
            return new(null, "ffmpeg is not installed, which makes snapshots", "apt install ffmpeg");
        if (Launcher.This.Path is not { } launcher)
            return new(null, $"ffmpeg cannot be confined: {Launcher.Mistake}", "Install EdgeCam again");
        try
        {
            using var process = ChildProgram.Start(launcher, Arguments(found, pictures));
            using var input = process.StandardInput.BaseStream; // the process leaves its pipes to whoever asked for them
            using var output = process.StandardOutput;
            using var errors = process.StandardError;
            using var limit = new Timer(_ => ChildProgram.Kill(process), null, Patience, Timeout.InfiniteTimeSpan);
            var writing = WriteAsync(process, group);
            var words = ReadWordsAsync(process);
            var jpeg = Read(process);
            process.WaitForExit();
            writing.GetAwaiter().GetResult();
            var said = words.GetAwaiter().GetResult();
            return jpeg is [0xFF, 0xD8, .., 0xFF, 0xD9]
                ? new(jpeg)
                : new(null, $"ffmpeg gave no picture: {said}", "Try again; if it stays so, the camera's stream is damaged");
        }
        catch (Win32Exception failure)
        {
            return new(null, $"ffmpeg could not be started: {failure.Message}", "apt install ffmpeg");
        }
    }

    private static string[] Arguments(string ffmpeg, int pictures) =>
    [
        .. Launcher.Arguments(), ffmpeg,
        "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "pipe", "-threads", "1", "-f", "h264", "-i", "pipe:0", "-an",
        "-vf", string.Create(CultureInfo.InvariantCulture, $"select=gte(n\\,{pictures - 1})"), "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p",
        "-f", "image2pipe", "pipe:1",
    ];

    private static async Task WriteAsync(Process process, ReadOnlyMemory<byte> group)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(group);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has what it wants, or has ended.
        }
    }

    private static async Task<string> ReadWordsAsync(Process process)
    {
        var words = new char[MaxWords];
        var count = await process.StandardError.ReadBlockAsync(words);
        await process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        return count == 0 ? "it said nothing" : new string(words, 0, count).Trim();
    }

    /// <returns>What it writes to its stdout; empty where that is too much.</returns>
    private static byte[] Read(Process process)
    {
        using var all = new MemoryStream();
        var chunk = new byte[64 * 1024];
        while (process.StandardOutput.BaseStream.Read(chunk) is > 0 and var count)
        {
            if (all.Length + count > MaxSize)
            {
                ChildProgram.Kill(process);
                return [];
            }

            all.Write(chunk.AsSpan(0, count));
        }

        return all.ToArray();
    }
}
