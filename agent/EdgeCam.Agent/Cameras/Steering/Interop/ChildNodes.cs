using System.Globalization;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.Interop;

namespace EdgeCam.Agent.Cameras.Steering.Interop;

/// <summary>
/// The nodes of a child through /proc and pidfd_getfd(2), for which a process must be allowed to trace the other: a child of the same user is, under
/// Yama's first level, too. The copy is closed in programs that we start.
/// </summary>
internal sealed class ChildNodes(string proc = "/proc") : IChildNodes
{
    private const int MostProcesses = 16; // a wrapper around rpicam-vid has one or two children
    private const int MostDescriptors = 256;

    public IReadOnlyList<ChildDescriptor> List(int processId)
    {
        List<int> processes = [processId];
        List<ChildDescriptor> found = [];
        for (var i = 0; i < processes.Count; i++)
        {
            ListOne(processes[i], isFirst: i == 0, found);
            if (processes.Count < MostProcesses)
                processes.AddRange(Children(processes[i]).Take(MostProcesses - processes.Count));
        }

        return found;
    }

    public IEncoderNode Duplicate(ChildDescriptor descriptor)
    {
        using var process = PidFd.Open(descriptor.ProcessId, out var error);
        if (process is null)
            throw Explain("pidfd_open", error, descriptor);
        var copy = PidFd.Take(process, descriptor.Number, out error);
        return copy is null ? throw Explain("pidfd_getfd", error, descriptor) : new Node(new V4l2Device(copy));
    }

    private static SteeringException Explain(string call, int error, ChildDescriptor descriptor) => new(error switch
    {
        PidFd.NoSuchCall => $"this kernel has no {call} (Linux 5.6 has)",
        PidFd.NotPermitted => $"{call} on process {descriptor.ProcessId} is not permitted: kernel.yama.ptrace_scope must be 0 or 1, and the unit must allow the call (SystemCallFilter=pidfd_getfd)",
        _ => $"{call} for {descriptor.Path} of process {descriptor.ProcessId} failed: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}",
    }, isLasting: error is PidFd.NoSuchCall or PidFd.NotPermitted);

    private void ListOne(int processId, bool isFirst, List<ChildDescriptor> found)
    {
        try
        {
            foreach (var link in new DirectoryInfo(Path.Combine(proc, Text(processId), "fd")).EnumerateFileSystemInfos().Take(MostDescriptors))
            {
                if (link.LinkTarget is { } target && target.StartsWith("/dev/video", StringComparison.Ordinal) && int.TryParse(link.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                    found.Add(new(processId, number, target));
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (isFirst)
                throw new SteeringException($"the descriptors of process {processId} cannot be seen: {failure.Message}", isLasting: failure is UnauthorizedAccessException);
        }
    }

    private IEnumerable<int> Children(int processId)
    {
        string text;
        try
        {
            text = File.ReadAllText(Path.Combine(proc, Text(processId), "task", Text(processId), "children"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return []; // a kernel without CONFIG_PROC_CHILDREN, or a process that has ended
        }

        return text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed class Node(V4l2Device device) : IEncoderNode
    {
        public V4l2Identity Identify() => device.Identify();

        public V4l2Control? FindControl(uint id) => device.FindControl(id);

        public void SetControl(uint id, int value) => device.SetControl(id, value);

        public void Dispose() => device.Dispose(); // it was not started by us: nothing of the stream is stopped
    }
}
