using System.Net.Http.Headers;
using EdgeCam.Benchmarks.Feed;
using EdgeCam.Benchmarks.Load;

namespace EdgeCam.Benchmarks.Senders;

/// <summary>A program that takes one H.264 stream and sends it to everyone who makes an offer.</summary>
internal abstract class Sender(string name, ChildProcess process) : IAsyncDisposable
{
    protected static HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(30) };

    public string Name => name;

    /// <summary>The process that sends: its processor time and memory are what count.</summary>
    public virtual int Id => process.Id;

    protected ChildProcess Process => process;

    /// <exception cref="InvalidOperationException">It has ended, which its last lines may explain.</exception>
    public void MustRun()
    {
        if (process.HasExited)
            throw new InvalidOperationException($"{name} has ended:\n{process.Log}");
    }

    public PictureFeed? Feed { get; protected set; }

    /// <summary>How many viewers may come together: most senders have nothing for them before the next IDR picture.</summary>
    public virtual int JoinsAtOnce => 10;

    /// <summary>A viewer for this sender.</summary>
    public virtual LoadViewer AddViewer(LoadLoop loop) => loop.Add();

    /// <summary>Makes the viewer's offer and hands it the answer.</summary>
    /// <returns>Ends the session.</returns>
    public abstract Task<Func<Task>> JoinAsync(LoadLoop loop, LoadViewer viewer);

    public async ValueTask DisposeAsync()
    {
        Feed?.Dispose();
        await process.DisposeAsync();
        Clean();
        GC.SuppressFinalize(this);
    }

    protected virtual void Clean()
    {
    }

    /// <summary>By WHEP, whose session is where the answer says.</summary>
    protected static async Task<Func<Task>> JoinByHttpAsync(Uri whep, LoadLoop loop, LoadViewer viewer)
    {
        using var offer = new StringContent(loop.Ask(() => viewer.Offer), new MediaTypeHeaderValue("application/sdp"));
        viewer.OfferedAt = System.Diagnostics.Stopwatch.GetTimestamp();
        using var response = await Http.PostAsync(whep, offer);
        var answer = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{whep} answered {(int)response.StatusCode}: {answer}");
        loop.HandleAnswer(viewer, answer);
        var session = response.Headers.Location is { } location ? new Uri(whep, location) : null;
        return async () =>
        {
            if (session is not null)
                (await Http.DeleteAsync(session)).Dispose();
        };
    }
}
