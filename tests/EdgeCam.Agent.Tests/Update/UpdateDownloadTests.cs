using EdgeCam.Agent.Management.Update;
using EdgeCam.Agent.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Update;

/// <summary>What a download makes of a real server's failures.</summary>
public sealed class UpdateDownloadTests : IDisposable
{
    private readonly UpdateSystem _system = new();
    private readonly ManualTime _time = new();
    private readonly HttpMessageInvoker _http = UpdateDownload.CreateHttp();
    private readonly byte[] _content = new byte[1_000_000];
    private readonly UpdateManifest _manifest;
    private readonly string _file;

    public UpdateDownloadTests()
    {
        new Random(11).NextBytes(_content);
        using var keys = UpdateKeys.Load(_system.Paths.Keys);
        _manifest = UpdateManifest.Open(_system.Manifest("1.1.0", _content), keys).Manifest!;
        _file = Path.Combine(_system.Root, "part");
    }

    public void Dispose()
    {
        _http.Dispose();
        _system.Dispose();
    }

    [Fact]
    public async Task It_goes_on_where_a_connection_ended_and_tells_how_far_it_is()
    {
        await using var server = await UpdateServer.StartAsync((context, number) => UpdateServer.ServeAsync(context, _content, number < 5 ? 150_000 : null));
        List<long> had = [];

        Assert.Null(await FetchAsync(server.Url, had.Add));

        Assert.Equal(5, server.Asked.Count);
        Assert.Equal("all", server.Asked[0]);
        Assert.All(server.Asked.Skip(1), static range => Assert.StartsWith("bytes=", range, StringComparison.Ordinal)); // what was on the way when it broke off is lost
        Assert.Equal(_content, await File.ReadAllBytesAsync(_file));
        Assert.Equal(had.Order(), had);
        Assert.Equal(_content.Length, had[^1]);
    }

    [Fact]
    public async Task It_goes_on_after_a_restart()
    {
        await File.WriteAllBytesAsync(_file, _content[..333_333]);
        await using var server = await UpdateServer.StartAsync((context, _) => UpdateServer.ServeAsync(context, _content));

        Assert.Null(await FetchAsync(server.Url));

        Assert.Equal(["bytes=333333-"], server.Asked);
    }

    [Fact]
    public async Task What_is_there_already_is_not_asked_for()
    {
        await File.WriteAllBytesAsync(_file, _content);
        Assert.Null(await FetchAsync(new("http://127.0.0.1:1/")));
    }

    [Fact]
    public async Task A_server_without_ranges_begins_anew()
    {
        await File.WriteAllBytesAsync(_file, _content[..333_333]);
        await using var server = await UpdateServer.StartAsync((context, _) => UpdateServer.ServeAsync(context, _content, knowsRanges: false));

        Assert.Null(await FetchAsync(server.Url));

        Assert.Equal(_content, await File.ReadAllBytesAsync(_file));
    }

    [Fact]
    public async Task A_flipped_bit_in_what_was_had_costs_another_download_and_one_of_the_servers_ends_it()
    {
        var flipped = (byte[])_content.Clone();
        flipped[500_000] ^= 4;
        await File.WriteAllBytesAsync(_file, flipped[..600_000]);
        await using var good = await UpdateServer.StartAsync((context, _) => UpdateServer.ServeAsync(context, _content));
        Assert.Null(await FetchAsync(good.Url));
        Assert.Equal(["bytes=600000-", "all"], good.Asked);

        File.Delete(_file);
        await using var bad = await UpdateServer.StartAsync((context, _) => UpdateServer.ServeAsync(context, flipped));
        Assert.Equal(UpdateReasons.WrongHash, (await FetchAsync(bad.Url))!.Reason);
        Assert.Equal(["all"], bad.Asked);
        Assert.False(File.Exists(_file));

        await using var interrupted = await UpdateServer.StartAsync((context, number) => UpdateServer.ServeAsync(context, flipped, number % 2 == 1 ? 400_000 : null));
        Assert.Equal(UpdateReasons.WrongHash, (await FetchAsync(interrupted.Url))!.Reason);
        Assert.Equal(4, interrupted.Asked.Count); // once more from the beginning, and no more
    }

    [Theory]
    [InlineData(999_999)]
    [InlineData(1_000_001)]
    [InlineData(0)]
    public async Task A_file_of_another_size_is_refused(int size)
    {
        var other = new byte[size];
        await using var server = await UpdateServer.StartAsync((context, _) => UpdateServer.ServeAsync(context, other));

        Assert.Equal(UpdateReasons.WrongSize, (await FetchAsync(server.Url))!.Reason);
    }

    [Fact]
    public async Task A_body_without_end_is_left_at_the_signed_size()
    {
        await using var server = await UpdateServer.StartAsync(async (context, _) =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(_content); // no Content-Length
        });

        Assert.Equal(UpdateReasons.WrongSize, (await FetchAsync(server.Url))!.Reason);
        Assert.True(new FileInfo(_file).Length <= _content.Length);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_left_and_asked_again()
    {
        var had = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await UpdateServer.StartAsync(async (context, number) =>
        {
            if (number == 3)
            {
                await UpdateServer.ServeAsync(context, _content);
                return;
            }

            if (number == 2)
            {
                context.Response.ContentLength = _content.Length;
                await context.Response.Body.WriteAsync(_content.AsMemory(0, 100_000));
                await context.Response.Body.FlushAsync();
                await had.Task;
            }

            _time.Advance(UpdateDownload.Stall + TimeSpan.FromSeconds(1));
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });

        Assert.Null(await FetchAsync(server.Url, count =>
        {
            if (count == 100_000)
                had.TrySetResult();
        }));

        Assert.Equal(["all", "all", "bytes=100000-"], server.Asked);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    [InlineData(410)]
    public async Task A_refusal_ends_it(int code)
    {
        await using var server = await UpdateServer.StartAsync((context, _) =>
        {
            context.Response.StatusCode = code;
            return Task.CompletedTask;
        });

        var refusal = await FetchAsync(server.Url);

        Assert.Equal(UpdateReasons.DownloadRefused, refusal!.Reason);
        Assert.Contains($"{code}", refusal.Problem, StringComparison.Ordinal);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task A_server_that_cannot_just_now_is_asked_for_a_day()
    {
        using var busy = new BusyServer();
        using var http = new HttpMessageInvoker(busy);
        var fetching = new UpdateDownload(http, _time, static () => 1, NullLogger.Instance).FetchAsync(new("http://server/"), _manifest, _file, static _ => { }, CancellationToken.None);
        while (!fetching.IsCompleted)
            _time.Advance(TimeSpan.FromMinutes(1));

        var refusal = await fetching;
        Assert.Equal(UpdateReasons.DownloadFailed, refusal!.Reason);
        Assert.Contains("the server answers 503", refusal.Problem, StringComparison.Ordinal);
        Assert.InRange(_time.GetTimestamp() / TimeSpan.TicksPerHour, 23, 24);
        Assert.InRange(busy.Asked, 1400, 1450); // a minute apart, but at first
    }

    [Fact]
    public async Task It_is_led_on_three_times_but_not_a_fourth_and_nowhere_else()
    {
        await using var server = await UpdateServer.StartAsync((context, number) =>
        {
            if (context.Request.Path == "/there")
                return UpdateServer.ServeAsync(context, _content);
            context.Response.Redirect(number % 2 == 0 ? "/archive" : "archive");
            if (number == 3)
                context.Response.Redirect("/there");
            return Task.CompletedTask;
        });
        Assert.Null(await FetchAsync(server.Url));

        File.Delete(_file);
        Assert.Equal(UpdateReasons.DownloadRefused, (await FetchAsync(server.Url))!.Reason);
        foreach (var away in new[] { "file:///etc/shadow", "ftp://127.0.0.1/", "http://ann:secret@127.0.0.1/" })
        {
            await using var leads = await UpdateServer.StartAsync((context, _) =>
            {
                context.Response.StatusCode = 302;
                context.Response.Headers.Location = away;
                return Task.CompletedTask;
            });
            var refusal = await FetchAsync(leads.Url);
            Assert.Equal(UpdateReasons.DownloadRefused, refusal!.Reason);
            Assert.DoesNotContain("secret", refusal.Problem, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://server/x")]
    [InlineData("/archive")]
    [InlineData("https://")]
    [InlineData("https://ann:secret@server/x")]
    public void Some_addresses_are_not_taken(string url)
    {
        var refusal = UpdateDownload.CheckUrl(url, out _);
        Assert.Equal(UpdateReasons.BadUrl, refusal!.Reason);
        Assert.DoesNotContain("secret", refusal.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopped_it_keeps_what_it_had()
    {
        using var stop = new CancellationTokenSource();
        await using var server = await UpdateServer.StartAsync(async (context, _) =>
        {
            context.Response.ContentLength = _content.Length;
            await context.Response.Body.WriteAsync(_content.AsMemory(0, 100_000));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Download().FetchAsync(
            server.Url, _manifest, _file,
            had =>
            {
                if (had == 100_000)
                    stop.Cancel();
            },
            stop.Token));

        Assert.Equal(100_000, new FileInfo(_file).Length);
    }

    /// <summary>Waits between attempts take no time.</summary>
    private UpdateDownload Download() => new(_http, _time, static () => 0, NullLogger.Instance);

    private Task<UpdateRefusal?> FetchAsync(Uri url, Action<long>? had = null) => Download().FetchAsync(url, _manifest, _file, had ?? (static _ => { }), CancellationToken.None);

    private sealed class BusyServer : HttpMessageHandler
    {
        public int Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            return Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.ServiceUnavailable));
        }
    }
}
