using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Signaling;

/// <summary>A message to the device. Which members it has depends on its type; unknown ones are left alone, a later viewer may say more.</summary>
internal sealed record IncomingMessage(
    int? V = null,
    string? Type = null,
    long? Seq = null,
    string? Sdp = null,
    string? Camera = null,
    string? Candidate = null,
    string? Reason = null,
    string? Token = null,
    string? Nonce = null,
    long? Time = null,
    string? Proof = null)
{
    private const int MaxName = 64;
    private const int MaxCandidate = 1024;
    private const int MaxNonce = 128;

    /// <summary>The offer's number, which the device's word about it repeats; null where it is no offer, or has none.</summary>
    [JsonIgnore]
    public long? OfferSeq => Type == "offer" && Seq >= 0 ? Seq : null;

    /// <summary>What an offer, or a hello, presents.</summary>
    [JsonIgnore]
    public Credentials Credentials => new(Token, Nonce, Time, Proof);

    /// <summary>Reads a message, or says what is wrong with it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, out IncomingMessage message, out string problem)
    {
        message = new();
        try
        {
            message = JsonSerializer.Deserialize(json, SignalingJson.Default.IncomingMessage) ?? message;
        }
        catch (JsonException)
        {
            problem = "the message is not JSON, or a member has the wrong type";
            return false;
        }

        problem = message switch
        {
            { V: not 1 } => "v must be 1",
            { Seq: null or < 0 } => "seq must be a number from 0 on",
            { Type: "offer", Sdp: null or "" } => "an offer needs its sdp",
            { Type: "offer", Camera.Length: > MaxName } => "no camera has so long a name",
            { Nonce.Length: > MaxNonce } => "no nonce is so long",
            { Type: "candidate", Candidate: null } => "a candidate message needs its candidate",
            { Type: "candidate", Candidate.Length: > MaxCandidate } => "the candidate is too long",
            { Type: "hello" or "offer" or "candidate" or "bye" } => "",
            _ => "type must be hello, offer, candidate or bye",
        };
        return problem.Length == 0;
    }
}
