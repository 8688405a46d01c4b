namespace EdgeCam.WebRtc.Primitives;

/// <summary>What the DTLS exporter gives SRTP (RFC 5764 §4.2): master keys and salts of both directions, already sorted into ours and theirs.</summary>
public sealed record KeyingMaterial(SrtpProfile Profile, byte[] LocalKey, byte[] LocalSalt, byte[] RemoteKey, byte[] RemoteSalt)
{
    public override string ToString() => Profile.ToString(); // keys stay out of logs
}
