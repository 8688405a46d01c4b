using System.Diagnostics;

namespace EdgeCam.Benchmarks.Feed;

/// <summary>Plays a clip to a sender in real time, as a camera does, and remembers when each picture was written.</summary>
internal sealed class PictureFeed : IDisposable
{
    private const int MaxPictures = 1 << 20;

    private readonly Clip _clip;
    private readonly Stream _sender;
    private readonly FeedFormat _format;
    private readonly long[] _writtenAt = new long[MaxPictures];
    private readonly Thread _thread;
    private volatile bool _isStopped;
    private int _written;

    public PictureFeed(Clip clip, Stream sender, FeedFormat format)
    {
        (_clip, _sender, _format) = (clip, sender, format);
        _thread = new Thread(Run) { IsBackground = true, Name = "feed", Priority = ThreadPriority.Highest };
        _thread.Start();
    }

    public int Written => Volatile.Read(ref _written);

    /// <summary>Just before the one write that handed the picture over, in ticks of 100 ns of the wall clock.</summary>
    public long WrittenAt(int number) => Volatile.Read(ref _writtenAt[number]);

    public void Dispose()
    {
        _isStopped = true;
        _thread.Join();
        _sender.Dispose();
    }

    private void Run()
    {
        var buffer = new byte[_clip.LargestPicture + 64];
        var began = Stopwatch.GetTimestamp();
        if (_format == FeedFormat.Delimited)
            _sender.Write([0, 0, 0, 1]);
        for (var number = 0; !_isStopped && number < MaxPictures; number++)
        {
            var wait = TimeSpan.FromSeconds((double)number / _clip.FrameRate) - Stopwatch.GetElapsedTime(began);
            if (wait > TimeSpan.Zero)
                Thread.Sleep(wait);
            var index = number % _clip.Pictures.Count;
            var length = Write(_clip.Pictures[index], _clip.Slices[index], number, buffer);
            try
            {
                // Before the write: a sender that is quick must not have it before it was written.
                Volatile.Write(ref _writtenAt[number], DateTime.UtcNow.Ticks);
                Volatile.Write(ref _written, number + 1);
                _sender.Write(buffer, 0, length);
                _sender.Flush();
            }
            catch (IOException)
            {
                return; // the sender has ended
            }
        }
    }

    private int Write(byte[] picture, int slice, int number, byte[] buffer)
    {
        if (_format == FeedFormat.Framed)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(buffer, picture.Length);
            picture.CopyTo(buffer, 4);
            PictureMark.Write(buffer.AsSpan(4 + slice, picture.Length - slice), number);
            return 4 + picture.Length;
        }

        // What stands in front went out with the picture before; a delimiter and the next start code show where this one ends.
        ReadOnlySpan<byte> end = [0, 0, 0, 1, 9, 0xF0, 0, 0, 0, 1];
        picture.AsSpan(4).CopyTo(buffer);
        PictureMark.Write(buffer.AsSpan(slice - 4, picture.Length - slice), number);
        end.CopyTo(buffer.AsSpan(picture.Length - 4));
        return picture.Length - 4 + end.Length;
    }
}
