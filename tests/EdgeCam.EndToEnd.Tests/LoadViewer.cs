using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A light viewer on a real socket: pictures are counted and not decoded, so that a test can have many.</summary>
internal sealed class LoadViewer : IDisposable
{
    private static readonly HttpClient s_http = new();

    private readonly SocketLoop _loop;
    private readonly HttpClient _http;
    private Uri? _session;
    private int _pictures;
    private long _offered;

    private LoadViewer(HttpClient http, SocketPlace place, string feedback = "", bool keepsPictures = false)
    {
        _http = http;
        _loop = new(Count, place, feedback, keepsPictures);
    }

    public static Instant Now => MonotonicClock.Now;

    public int Port => _loop.Local.Port;

    /// <summary>What the agent answered.</summary>
    public string Answer { get; private set; } = "";

    public int Pictures => Volatile.Read(ref _pictures);

    public int Packets { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Sequence numbers missing now: lost and not yet repaired.</summary>
    public int Missing { get; private set; }

    public int Repaired { get; private set; }

    /// <summary>From posting the offer to the last packet of the first IDR picture.</summary>
    public TimeSpan? FirstPicture { get; private set; }

    public TimeSpan? Connected { get; private set; }

    public Instant LastDatagram => _loop.LastDatagram;

    /// <summary>Why it is over, if it is.</summary>
    public string? Failure => _loop.Ask(viewer => viewer.Failure);

    /// <summary>Joins over WHEP.</summary>
    /// <param name="port">To come from; 0 takes a free one.</param>
    /// <param name="answered">Sees the answer before the viewer does, as whoever reads along at the broker may.</param>
    public static Task<LoadViewer> JoinAsync(Uri whep, int port = 0, Func<string, Task>? answered = null) =>
        OfferAsync(whep, new LoadViewer(s_http, new(IPAddress.Loopback, port)), answered);

    /// <summary>Joins over WHEP by somebody whom the agent lets in.</summary>
    /// <param name="keepsPictures">What came can be read by <see cref="Ask"/>.</param>
    public static Task<LoadViewer> JoinAsync(Uri whep, HttpClient http, bool keepsPictures = false) =>
        OfferAsync(whep, new LoadViewer(http, new(IPAddress.Loopback, 0), keepsPictures: keepsPictures));

    /// <summary>Joins from an address of a namespace, and tells like a browser how packets arrive.</summary>
    /// <param name="http">The way to the agent's WHEP.</param>
    public static Task<LoadViewer> JoinAsync(Uri whep, HttpClient http, NetNamespace inside, string address) =>
        OfferAsync(whep, new LoadViewer(http, new(IPAddress.Parse(address), Open: inside.DatagramSocket), feedback: "transport-cc"));

    private static async Task<LoadViewer> OfferAsync(Uri whep, LoadViewer joining, Func<string, Task>? answered = null)
    {
        try
        {
            using var offer = new StringContent(joining._loop.Ask(viewer => viewer.Offer), new MediaTypeHeaderValue("application/sdp"));
            joining._offered = Stopwatch.GetTimestamp();
            using var response = await joining._http.PostAsync(whep, offer);
            var answer = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.Created, $"{(int)response.StatusCode}: {answer}");
            joining._session = new Uri(whep, response.Headers.Location!);
            joining.Answer = answer;
            if (answered is not null)
                await answered(answer);
            joining._loop.HandleAnswer(answer);
            return joining;
        }
        catch
        {
            joining.Dispose();
            throw;
        }
    }

    /// <summary>A further answer.</summary>
    public void HandleAnswer(string answer) => _loop.HandleAnswer(answer);

    /// <summary>Its WHEP session.</summary>
    public Uri Session => _session!;

    public async Task WaitForPictureAsync(TimeSpan limit)
    {
        var waited = Stopwatch.StartNew();
        while (FirstPicture is null)
        {
            Assert.True(waited.Elapsed < limit, $"no picture after {limit}: {Failure ?? (Connected is null ? "not connected" : "connected")}");
            await Task.Delay(2);
        }
    }

    /// <inheritdoc cref="SocketLoop.Ask"/>
    public T Ask<T>(Func<VirtualViewer, T> question) => _loop.Ask(question);

    /// <summary>As by SIGKILL: no goodbye; the socket stays, so that what still comes is counted.</summary>
    public void Kill() => _loop.Ask(viewer => viewer.IsDead = true);

    /// <summary>Opens its channel <c>control</c>, which carries requests once the device has answered.</summary>
    public ushort OpenControl() => _loop.Ask(viewer =>
    {
        Assert.True(viewer.Channels!.TryOpen("control", "edgecam.control.v1", ChannelReliability.Reliable, out var id));
        return id;
    });

    public void Say(ushort channel, string text) => Assert.True(_loop.Ask(viewer => viewer.Channels!.Send(channel, System.Text.Encoding.UTF8.GetBytes(text), isText: true, Now)));

    public async Task LeaveAsync()
    {
        using var response = await _http.DeleteAsync(_session);
        Assert.True(response.IsSuccessStatusCode, $"DELETE {_session}: {(int)response.StatusCode}");
    }

    public void Dispose() => _loop.Dispose();

    private void Count(VirtualViewer viewer)
    {
        var video = viewer.Video;
        if (Connected is null && viewer.IsConnected)
            Connected = Stopwatch.GetElapsedTime(_offered);
        if (FirstPicture is null && video.IdrCount > 0)
            FirstPicture = Stopwatch.GetElapsedTime(_offered);
        Volatile.Write(ref _pictures, video.PictureCount);
        Packets = video.Packets;
        Bytes = video.Bytes;
        Repaired = video.Repaired;
        Missing = video.Missing().Count;
    }
}
