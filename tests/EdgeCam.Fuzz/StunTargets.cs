using System.Buffers.Binary;
using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.Fuzz;

internal static class StunTargets
{
    private const string LocalPassword = "our-password-of-22-chars";
    private const string RemotePassword = "their-password-of-22-chars";

    private static readonly TransportAddress s_local = TransportAddress.FromIPv4(0xC0000201, 5000);
    private static readonly TransportAddress s_remote = TransportAddress.FromIPv4(0xC6336401, 6000);

    private static readonly byte[] s_goodResponse = Convert.FromHexString("0101" + "00200008" + "0001A147E112A643");

    /// <summary>The messages of RFC 5769 §2.1 to §2.4.</summary>
    private static readonly byte[][] s_vectors = Targets.Hex(
        "000100582112A442B7E7A701BC34D686FA87DFAE802200105354554E207465737420636C69656E74002400046E0001FF80290008932FF9B151263B36000600096576746A3A68367659202020"
        + "000800149AEAA70CBFD8CB56781EF2B5B2D3F249C1B571A280280004E57A3BCF",
        "0101003C2112A442B7E7A701BC34D686FA87DFAE8022000B7465737420766563746F7220002000080001A147E112A643000800142B91F599FD9E90C38C7489F92AF9BA53F06BE7D780280004C07D4C96",
        "010100482112A442B7E7A701BC34D686FA87DFAE8022000B7465737420766563746F7220002000140002A1470113A9FAA5D3F179BC25F4B5BED2B9D900080014A382954E4BE67BF11784C97C8292C275BFE3ED4180280004C8FB0B4C",
        "000100602112A44278AD3433C6AD72C029DA412E00060012E3839EE38388E383AAE38383E382AFE382B900000015001C662F2F3439396B39353464364F4C33346F4C39465354767936347341"
        + "0014000B6578616D706C652E6F72670000080014F67024656DD64A3E02B8E0712E85C9A28CA89666");

    public static FuzzTarget Message() => new("stun", s_vectors, Targets.Hex("2112A442", "00080014", "80280004", "00060000", "0009000400000457", "000A0000", "002000080002"), ReadMessage);

    /// <summary>Messages whose attributes are bad but whose integrity is right: what a hostile viewer with good credentials can send.</summary>
    public static FuzzTarget Checks() => new(
        "ice",
        Targets.Hex(
            "0001" + "0006000D" + "6F7572733A746865697273" + "7878" + "000000" + "00240004" + "6E0001FF" + "802A0008" + "932FF9B151263B36" + "00250000",
            "0001" + "0006000B" + "6F7572733A74686569727300" + "00240004" + "6E0001FF" + "802A0008" + "0000000000000000",
            "0001" + "0006000B" + "6F7572733A74686569727300" + "00240004" + "6E0001FF" + "80290008" + "FFFFFFFFFFFFFFFF",
            "0101" + "00200008" + "0001A147E112A643",
            "0111" + "00090004" + "00000457"),
        Targets.Hex("0006000B6F7572733A74686569727300", "002400046E0001FF", "00250000", "802A0008932FF9B151263B36", "80290008FFFFFFFFFFFFFFFF", "0009000400000457", "000900040000045700", "7FFF0000"),
        FeedAgent);

    private static void ReadMessage(ReadOnlySpan<byte> input)
    {
        _ = IceAgent.TryGetUsernameFragment(input, out _);
        if (!StunMessageView.TryParse(input, out var message))
            return;
        Span<StunAttributeType> unknown = stackalloc StunAttributeType[8];
        foreach (var type in Enum.GetValues<StunAttributeType>())
        {
            _ = message.TryGet(type, out _);
            _ = message.TryGetUInt32(type, out _);
            _ = message.TryGetUInt64(type, out _);
            _ = message.TryGetXorAddress(type, out _);
        }

        _ = message.TryGetErrorCode(out _);
        _ = message.CopyUnknownAttributes([StunAttributeType.Username], unknown);
        _ = message.IsAuthenticatedBy("VOkJxbRl1RmTxUk/WvJxBt"u8);
        Targets.Require(message.Size <= input.Length, "A message lies within its datagram");
    }

    private static void FeedAgent(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2)
            return;
        var now = new Instant(0);
        var agent = new IceAgent(new(IceRole.Controlled, new("ours", LocalPassword), new SeededSource(), [s_local]), now);
        agent.SetRemoteCredentials(new("theirs", RemotePassword), isLite: false, now);
        agent.AddRemoteCandidate(new("1", 2130706431, s_remote, CandidateType.Host), now);
        Span<byte> buffer = stackalloc byte[2048];
        Span<byte> sent = stackalloc byte[2048];
        var transaction = default(TransactionId);
        for (var round = 0; round < 4; round++)
        {
            for (var count = 0; agent.TryTransmit(sent, now, out var transmit); count++)
            {
                Targets.Require(count < 1000, "An agent does not send without end");
                if (StunMessageView.TryParse(sent[..transmit.Length], out var request))
                    transaction = request.TransactionId; // so that a response of ours has a check to answer
            }

            // In between a good answer, so that the agent is connected while the bad ones come.
            var length = Sign(round == 1 ? s_goodResponse : input, transaction, buffer);
            agent.HandleDatagram(buffer[..length], new(s_local, s_remote.WithPort((ushort)(6000 + (round / 2)))), now);
            while (agent.TryGetEvent(out _))
            {
            }

            now += TimeSpan.FromMilliseconds(60);
            agent.HandleTimeout(now);
        }
    }

    /// <summary>The first two bytes are the message type; attributes follow as far as they are whole.</summary>
    private static int Sign(ReadOnlySpan<byte> input, TransactionId transaction, Span<byte> buffer)
    {
        var type = BinaryPrimitives.ReadUInt16BigEndian(input);
        var writer = new StunMessageWriter(buffer, StunHeader.Method(type), StunHeader.Class(type), transaction);
        var isResponse = StunHeader.Class(type) is StunClass.SuccessResponse or StunClass.ErrorResponse;
        for (var rest = input[2..]; rest.Length >= 4 && writer.Length < 1400;)
        {
            var length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(rest[2..]), Math.Min(rest.Length - 4, 256));
            writer.Add((StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(rest), rest.Slice(4, length));
            rest = rest[Math.Min(rest.Length, 4 + ((length + 3) & ~3))..];
        }

        writer.AddIntegrity(isResponse ? System.Text.Encoding.UTF8.GetBytes(RemotePassword) : System.Text.Encoding.UTF8.GetBytes(LocalPassword));
        writer.AddFingerprint();
        return writer.Length;
    }
}
