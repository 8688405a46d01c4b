using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.Fuzz;

internal static class TurnTargets
{
    private const int TransactionIdOffset = 8;
    private const int TransactionIdSize = 12;

    private static readonly TransportAddress s_local = TransportAddress.FromIPv4(0xC0000201, 5000);
    private static readonly TransportAddress s_server = TransportAddress.FromIPv4(0xCB00710A, 3478);

    // 401 with realm and nonce; Allocate success; Data indication; a 300 with ALTERNATE-SERVER; a 438. Transaction ids are put in by the feed.
    private static readonly byte[][] s_messages = Targets.Hex(
        "011300182112A442000000000000000000000000" + "0009000400000401" + "0014000172000000" + "001500016E000000",
        "010300202112A442000000000000000000000000" + "001600080001E242EA12D548" + "002000080001B29AE1BAA543" + "000D000400000258",
        "001700182112A442000000000000000000000001" + "001200080001366BE7404643" + "00130003010203FF" + "",
        "011300142112A442000000000000000000000000" + "0009000400000300" + "8023000800010D96CB00710B",
        "011300182112A442000000000000000000000000" + "0009000400000426" + "0014000172000000" + "001500016D000000",
        "40000004" + "01020304" + "40000003010203FF");

    private static readonly byte[][] s_words = Targets.Hex("2112A442", "0113", "0117", "0103", "0104", "0108", "0109", "0016000800", "000D000400000000", "4000", "4FFF", "FFFF");

    /// <summary>The bytes of a stream, in pieces, and each message that is found in it to a client whose requests they seem to answer.</summary>
    public static FuzzTarget Stream() => new("turn", s_messages, s_words, Feed);

    private static void Feed(ReadOnlySpan<byte> input)
    {
        var now = new Instant(TimeSpan.TicksPerHour);
        var client = new TurnClient(new(new(s_local, s_server), IsStream: true, "u", "p", new SeededSource(1)), now);
        var reader = new TurnStreamReader();
        Span<byte> buffer = new byte[4096];
        Span<byte> transaction = new byte[TransactionIdSize];
        while (input.Length > 0 && !reader.IsBroken)
        {
            var piece = input[..Math.Min(input.Length, 1 + (input[0] % 100))];
            input = input[piece.Length..];
            piece.CopyTo(reader.Free.Span);
            reader.Advance(piece.Length);
            while (reader.TryRead(out var message))
            {
                Targets.Require(message.Length is > 0 and <= 65555, "a message is as long as its length says");
                while (client.TryTransmit(buffer, now, out var sent))
                {
                    Targets.Require(sent.Length <= buffer.Length, "what is sent fits");
                    buffer.Slice(TransactionIdOffset, TransactionIdSize).CopyTo(transaction);
                }

                if (!ChannelData.Is(message) && message.Length >= TransactionIdOffset + TransactionIdSize && message[TransactionIdOffset] == 0)
                    transaction.CopyTo(message[TransactionIdOffset..]);
                var what = client.HandleDatagram(message, now, out var payload, out var peer);
                Targets.Require(what == TurnInput.Data == payload.Length > 0, "data has bytes, all else none");
                Targets.Require(what != TurnInput.Data || (message.Overlaps(payload) && !peer.IsNone), "data lies in its message and has a peer");
                Ask(client, now);
                now += TimeSpan.FromSeconds(7);
                client.HandleTimeout(now);
            }
        }

        var events = 0;
        while (client.TryGetEvent(out _))
            Targets.Require(++events < 10, "events are few");
    }

    /// <summary>Sends to a peer, so that there are permissions and channels to be attacked.</summary>
    private static void Ask(TurnClient client, Instant now)
    {
        if (!client.IsAllocated)
            return;
        var peer = TransportAddress.FromIPv4(0xC6336407, 6000);
        Span<byte> datagram = [0, 0, 0, 0, 0x80, 1, 2, 3];
        if (client.TryFrame(datagram, new(new(client.RelayedAddress, peer), 8, 8, Headroom: 4), now, out _))
            Targets.Require(ChannelData.Is(datagram), "what is framed is ChannelData");
    }
}
