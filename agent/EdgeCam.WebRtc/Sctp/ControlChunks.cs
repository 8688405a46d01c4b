namespace EdgeCam.WebRtc.Sctp;

/// <summary>Control chunks that wait for the next packet.</summary>
[Flags]
internal enum ControlChunks
{
    None = 0,
    Init = 1,
    CookieEcho = 2,
    CookieAck = 4,
    Heartbeat = 8,
    HeartbeatAck = 16,
    Shutdown = 32,
    ShutdownAck = 64,
    ShutdownComplete = 128,
    Abort = 256,
    Error = 512,
}
