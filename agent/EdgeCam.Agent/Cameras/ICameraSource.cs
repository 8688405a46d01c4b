namespace EdgeCam.Agent.Cameras;

/// <summary>A camera. It restarts by itself whatever it runs; it ends only when stopped.</summary>
internal interface ICameraSource
{
    /// <summary>A smaller picture of the same moments, to be run beside this source; null where there is none.</summary>
    ICameraSource? Substream => null;

    /// <summary>Whether <see cref="Substream"/> gives pictures; it may turn out only when the camera is open. May be called from any thread.</summary>
    bool GivesSubstream => Substream is not null;

    /// <summary>True where <see cref="SetBitrate"/> has an effect.</summary>
    bool HasLiveBitrate => false;

    Task RunAsync(IAccessUnitSink sink, CancellationToken stop);

    /// <summary>Asks for an IDR picture soon. False where the source cannot give one. May be called from any thread.</summary>
    bool RequestKeyFrame();

    /// <summary>Bits per second from the next picture on, in the running encoder. May be called from any thread.</summary>
    void SetBitrate(long bitsPerSecond)
    {
    }

    /// <summary>Says whether anybody takes the pictures. May be called from any thread.</summary>
    void SetWanted(bool isWanted)
    {
    }
}
