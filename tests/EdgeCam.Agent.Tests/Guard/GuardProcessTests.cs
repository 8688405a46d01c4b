using System.Diagnostics;
using System.Globalization;
using EdgeCam.Agent.Devices.Guard;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Guard;

/// <summary>The real guard process. What is measured here is the one promise that matters: safe within 500 ms.</summary>
[Collection(nameof(Alone))]
public sealed class GuardProcessTests(ITestOutputHelper output)
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task A_port_is_opened_and_started_written_to_and_read_from()
    {
        using var pty = new Pty();
        using var guard = new RawGuard();
        var began = Stopwatch.GetTimestamp();
        guard.Open(1, $"serial:{pty.Path}?baud=2400", "start;", "safe;");
        await guard.UntilAsync(GuardMessageKind.Opened);
        output.WriteLine($"open {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms after the start of the process");

        guard.Write(1, "left;", tag: 7);
        var reply = await guard.ReplyAsync(7);
        pty.Send([1, 2, 0, 255]);
        await Wait.UntilAsync(() => guard.Messages.Where(entry => entry.Message.Kind == GuardMessageKind.Received).Sum(entry => entry.Message.Data.Length) == 4, "four bytes");

        Assert.Null(reply.Fault);
        await pty.HasAsync("start;left;");
        Assert.Equal([1, 2, 0, 255], guard.Messages.Where(entry => entry.Message.Kind == GuardMessageKind.Received).SelectMany(entry => entry.Message.Data));
    }

    [Fact]
    public async Task Without_beats_everything_is_safe_within_500_ms_and_writes_are_refused_until_the_agent_knows()
    {
        using var pty = new Pty();
        using var guard = new RawGuard();
        guard.Open(1, $"serial:{pty.Path}", "start;", "safe;");
        await guard.UntilAsync(GuardMessageKind.Opened);
        guard.KnowsTrips = false;

        guard.StopBeating();
        await guard.UntilAsync(GuardMessageKind.Tripped);
        await AssertSafeAsync(pty, "safe;", guard.LastBeat);
        Assert.Contains("silent", guard.Messages.First(entry => entry.Message.Kind == GuardMessageKind.Tripped).Message.Reason, StringComparison.Ordinal);

        guard.BeatAgain(); // an agent that was stopped and goes on as if nothing had been
        guard.Write(1, "left;", tag: 1);
        Assert.NotNull((await guard.ReplyAsync(1)).Fault);
        guard.KnowsTrips = true;
        await guard.UntilAsync(GuardMessageKind.Armed, times: 2);
        guard.Write(1, "right;", tag: 2);
        Assert.Null((await guard.ReplyAsync(2)).Fault);
        await pty.HasAsync("start;safe;right;");
    }

    [Fact]
    public async Task When_the_agent_ends_everything_is_safe_and_the_guard_ends_too()
    {
        using var pty = new Pty();
        using var guard = new RawGuard();
        guard.Open(1, $"serial:{pty.Path}", "start;", "safe;");
        await guard.UntilAsync(GuardMessageKind.Opened);

        Assert.True(pty.IsExclusive);
        guard.CloseInput();
        await AssertSafeAsync(pty, "safe;", Stopwatch.GetTimestamp());
        Assert.True(guard.Process.WaitForExit(TimeSpan.FromSeconds(5)));
        Assert.Equal(0, guard.Process.ExitCode);
        Assert.False(pty.IsExclusive); // the next guard gets in
    }

    [Theory]
    [InlineData(Interrupt, false)]
    [InlineData(1, false)]
    [InlineData(Terminate, true)]
    public async Task A_signal_makes_everything_safe_and_only_SIGTERM_ends_the_guard(int signal, bool ends)
    {
        using var pty = new Pty();
        using var guard = new RawGuard();
        guard.Open(1, $"serial:{pty.Path}", "start;", "safe;");
        await guard.UntilAsync(GuardMessageKind.Opened);

        var began = Stopwatch.GetTimestamp();
        guard.Signal(signal);
        await AssertSafeAsync(pty, "safe;", began);
        if (ends)
            Assert.True(guard.Process.WaitForExit(TimeSpan.FromSeconds(10)));
        else
            await guard.UntilAsync(GuardMessageKind.Armed, times: 2);
    }

    [Fact]
    public async Task A_line_that_takes_nothing_holds_up_no_other()
    {
        using var blocked = new Pty(isRead: false);
        using var pty = new Pty();
        using var guard = new RawGuard();
        guard.Open(1, $"serial:{blocked.Path}", "", "safe;");
        guard.Open(2, $"serial:{pty.Path}", "start;", "safe;");
        await guard.UntilAsync(GuardMessageKind.Opened, times: 2);
        Flood();
        await guard.UntilAsync(GuardMessageKind.Fault, port: 1);
        Assert.Contains($"{blocked.Path} took nothing for 200 ms", guard.Messages.First(entry => entry.Message.Kind == GuardMessageKind.Fault).Message.Fault!.What, StringComparison.Ordinal);
        await guard.UntilAsync(GuardMessageKind.Opened, port: 1, times: 2);

        Flood();
        guard.Write(2, "left;", tag: 1);
        Assert.Null((await guard.ReplyAsync(1)).Fault);
        guard.StopBeating();
        await guard.UntilAsync(GuardMessageKind.Tripped);
        await AssertSafeAsync(pty, "safe;", guard.LastBeat);

        void Flood()
        {
            for (var i = 0; i < 150; i++)
                guard.Write(1, new string('x', 1000)); // more than the line takes
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_agent_that_does_not_listen_holds_up_nothing(bool isClosed)
    {
        using var pty = new Pty();
        using var guard = new RawGuard(isListening: false);
        if (isClosed)
            guard.Process.StandardOutput.Close();
        guard.Open(1, $"serial:{pty.Path}", "start;", "safe;");
        await pty.HasAsync("start;");
        for (var i = 0; i < 400; i++) // more than a pipe holds
        {
            pty.Send(new byte[512]);
            await Task.Yield();
        }

        guard.StopBeating();
        await AssertSafeAsync(pty, "safe;", guard.LastBeat);
        guard.CloseInput();
        Assert.True(guard.Process.WaitForExit(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task A_message_of_the_agent_that_makes_no_sense_is_the_end_of_trust()
    {
        using var pty = new Pty();
        using var guard = new RawGuard();
        guard.Open(1, $"serial:{pty.Path}", "start;", "safe;");
        await guard.UntilAsync(GuardMessageKind.Opened);

        var began = Stopwatch.GetTimestamp();
        guard.SendBytes([255, 255, 1, 2, 3]);
        await AssertSafeAsync(pty, "safe;", began);
        Assert.True(guard.Process.WaitForExit(TimeSpan.FromSeconds(5)));
        Assert.Contains(guard.Lines, line => line.Contains("cannot be understood", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_has_no_descriptor_of_the_agents()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "its descriptors are closed to all but root");
        using var pty = new Pty();
        using var guard = new RawGuard();
        guard.Open(1, $"serial:{pty.Path}", "", "");
        await guard.UntilAsync(GuardMessageKind.Opened);

        // What is inherited stays; what another test's child has for the moment between fork and exec does not.
        await Wait.UntilAsync(() => !Shared(guard.Process.Id).Any(), () => $"nothing but its own: {string.Join(", ", Shared(guard.Process.Id))}");
        Assert.Single(Descriptors(guard.Process.Id), entry => entry.Target == pty.Path);
    }

    /// <summary>Another process of the same user, which has no more rights than the guard has: one that was made to run other code, say.</summary>
    [Fact]
    public async Task Its_memory_and_its_descriptors_are_closed_to_others_of_its_user()
    {
        string[] equal = Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"] : [];
        using var guard = new RawGuard(before: equal);
        guard.Open(1, "serial:/nowhere", "", "");
        await Wait.UntilAsync(() => !guard.Messages.IsEmpty, "its answer");
        using var open = Process.Start(new ProcessStartInfo("/usr/bin/env", [.. equal, "sleep", "1000"]))!;
        try
        {
            await Wait.UntilAsync(() => File.ReadAllText($"/proc/{open.Id}/cmdline").StartsWith("sleep", StringComparison.Ordinal), "sleep");
            Assert.Equal((0, 0, 0), Tries(open.Id)); // so it is with a process that is not closed
            var (memory, environment, descriptors) = Tries(guard.Process.Id);
            Assert.True(memory != 0 && environment != 0 && descriptors != 0, $"{memory} {environment} {descriptors}");
        }
        finally
        {
            open.Kill();
            open.WaitForExit();
        }

        (int Memory, int Environment, int Descriptors) Tries(int process) => (
            Try($"exec 3<> /proc/{process}/mem"), Try($"head -c 1 /proc/{process}/environ | grep -q ."), Try($"readlink /proc/{process}/fd/0"));
        int Try(string command) => Tool.Run("/usr/bin/env", [.. equal, "sh", "-c", command]).Exit;
    }

    /// <summary>What a child has open beside its standard streams that this process has open, too.</summary>
    private static IEnumerable<string> Shared(int process)
    {
        var all = Descriptors(process).ToList();
        var standard = all.Where(entry => entry.Number <= 2).Select(entry => entry.Target).ToList(); // .NET has copies of them
        var ours = Descriptors(Environment.ProcessId).Select(entry => entry.Target).Where(target => target.Contains(":[", StringComparison.Ordinal) || target.Contains("ptmx", StringComparison.Ordinal));
        // What this process was started with is the business of whoever started it.
        var parent = int.Parse(File.ReadAllText("/proc/self/stat").Split(')')[^1].Split(' ')[2], CultureInfo.InvariantCulture);
        return all.Select(entry => entry.Target).Except(standard).Intersect(ours).Except(Descriptors(parent).Select(entry => entry.Target)).Where(target => !target.StartsWith("anon_inode", StringComparison.Ordinal));
    }

    private static IEnumerable<(int Number, string Target)> Descriptors(int process) =>
        Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Select(link => (int.Parse(Path.GetFileName(link), CultureInfo.InvariantCulture), new FileInfo(link).LinkTarget ?? ""));

    private async Task AssertSafeAsync(Pty pty, string safe, long since)
    {
        await Wait.UntilAsync(() => pty.When(safe) is not null, "the safe bytes");
        var delay = Stopwatch.GetElapsedTime(since, pty.When(safe)!.Value);
        output.WriteLine($"safe after {delay.TotalMilliseconds:0} ms");
        Assert.True(delay <= s_limit, $"safe after {delay.TotalMilliseconds:0} ms");
    }
}
