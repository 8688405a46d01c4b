namespace EdgeCam.WebRtc.Sctp;

/// <summary>What the association reports, turned into what channels are about.</summary>
internal sealed partial class DataChannels
{
    private void TakeEvents()
    {
        while (_association.TryTakeEvent(out var happened, out var share))
        {
            switch (happened)
            {
                case SctpEvent.MessageReceived message:
                    HandleMessage(message, share);
                    break;
                case SctpEvent.IncomingStreamsReset reset:
                    DropEarly(reset.Streams);
                    foreach (var channel in Select(reset.Streams))
                        HandleIncomingReset(channel);
                    break;
                case SctpEvent.OutgoingStreamsReset reset:
                    foreach (var channel in Select(reset.Streams))
                        HandleOutgoingReset(channel, reset.Performed);
                    break;
                case SctpEvent.ResetRequested request:
                    foreach (var channel in Select(request.Streams))
                        CloseChannel(channel.Id);
                    break;
                case SctpEvent.Connected:
                    Emit(new DataChannelEvent.Connected());
                    foreach (var channel in Select([]))
                    {
                        if (channel.Id >= _association.OutboundStreams || channel.Id >= _association.InboundStreams)
                            Remove(channel); // we asked before we knew how many streams there are
                    }

                    break;
                case SctpEvent.Restarted:
                    RemoveAll();
                    break;
                case SctpEvent.Closed closed:
                    RemoveAll();
                    Emit(new DataChannelEvent.Closed(closed.ByPeer, InOrder: true, "shut down"));
                    break;
                case SctpEvent.Aborted aborted:
                    RemoveAll();
                    Emit(new DataChannelEvent.Closed(aborted.ByPeer, InOrder: false, aborted.Reason));
                    break;
                default:
                    break;
            }
        }
    }

    private void HandleMessage(SctpEvent.MessageReceived message, WindowShare share)
    {
        var channel = _channels.GetValueOrDefault(message.Stream);
        var isNextLife = channel is { State: DataChannelState.Closing, IsIncomingReset: true };
        if (message.Ppid == (uint)PayloadProtocol.Dcep && !isNextLife)
        {
            HandleDcep(message, channel, share);
        }
        else if (channel is null || isNextLife)
        {
            HoldEarly(message, share);
        }
        else if (channel.State == DataChannelState.Closing)
        {
            share.Release(); // we are closing it: nobody listens any more
        }
        else
        {
            Confirm(channel); // a message says that the OPEN has arrived; the ACK may come behind
            Deliver(message, share);
        }
    }

    private void Deliver(SctpEvent.MessageReceived message, WindowShare share)
    {
        bool isText;
        switch ((PayloadProtocol)message.Ppid)
        {
            case PayloadProtocol.String or PayloadProtocol.StringEmpty:
                isText = true;
                break;
            case PayloadProtocol.Binary or PayloadProtocol.BinaryEmpty:
                isText = false;
                break;
            default:
                Drop(share);
                return;
        }

        var isEmpty = (PayloadProtocol)message.Ppid is PayloadProtocol.StringEmpty or PayloadProtocol.BinaryEmpty;
        _events.Enqueue((new DataChannelEvent.MessageReceived(message.Stream, isEmpty ? [] : message.Data, isText), share));
    }

    private void HandleDcep(SctpEvent.MessageReceived message, DataChannel? channel, WindowShare share)
    {
        var id = message.Stream;
        if (Dcep.IsAck(message.Data))
        {
            share.Release();
            if (channel is { State: DataChannelState.Opening })
                Confirm(channel);
            else if (channel is null)
                Counters.ChannelMessagesDropped++;
            return;
        }

        if (channel is not null)
        {
            Counters.ChannelsRefused++; // the id is in use: the channel that has it keeps it
            share.Release();
            return;
        }

        if (!Dcep.TryReadOpen(message.Data, out var label, out var protocol, out var reliability) || _channels.Count >= MaxChannels
            || !_association.Send(id, (uint)PayloadProtocol.Dcep, Dcep.MakeAck(), SendParameters.Reliable, isInternal: true))
        {
            Counters.ChannelsRefused++;
            share.Release();
            _association.ResetStream(id); // RFC 8832 §6: refused by closing it
            return;
        }

        _channels[id] = new(id, label, protocol, reliability, DataChannelState.Open);
        _events.Enqueue((new DataChannelEvent.ChannelOpened(id, label, protocol, reliability), share));
        ReplayEarly(id);
    }

    /// <summary>
    /// A message for a channel that does not exist yet: an unordered one may overtake its OPEN, and an id may be used again before our
    /// half of its last life is closed. Bound: 16 messages and 64 KiB, which count in the window too; more is dropped and counted.
    /// </summary>
    private void HoldEarly(SctpEvent.MessageReceived message, WindowShare share)
    {
        if (_early.Count < MaxEarlyMessages && _early.Sum(static early => early.Share.Bytes) + share.Bytes <= MaxEarlyBytes)
            _early.Add((message, share));
        else
            Drop(share);
    }

    private void ReplayEarly(ushort id)
    {
        var held = _early.FindAll(early => early.Message.Stream == id);
        _early.RemoveAll(early => early.Message.Stream == id);
        foreach (var (message, share) in held)
            HandleMessage(message, share);
    }

    private void DropEarly(ushort[] ids)
    {
        foreach (var (message, share) in _early)
        {
            if (ids.Length == 0 || ids.Contains(message.Stream))
                Drop(share);
        }

        _early.RemoveAll(early => ids.Length == 0 || ids.Contains(early.Message.Stream));
    }

    private void Confirm(DataChannel channel)
    {
        if (channel.State != DataChannelState.Opening)
            return;
        channel.State = DataChannelState.Open;
        Emit(new DataChannelEvent.ChannelOpened(channel.Id, channel.Label, channel.Protocol, channel.Reliability));
    }

    private void BeginClosing(DataChannel channel)
    {
        channel.State = DataChannelState.Closing;
        if (!_association.ResetStream(channel.Id))
            Remove(channel);
    }

    private void HandleIncomingReset(DataChannel channel)
    {
        channel.IsIncomingReset = true;
        if (channel.State != DataChannelState.Closing)
        {
            Report(channel);
            _association.Discard(channel.Id); // nobody reads it any more
            BeginClosing(channel);
        }

        RemoveWhenReset(channel);
    }

    private void HandleOutgoingReset(DataChannel channel, bool performed)
    {
        if (channel.State != DataChannelState.Closing)
            return; // of an earlier life of this id
        channel.IsOutgoingReset = true;
        if (performed)
            RemoveWhenReset(channel);
        else
            Remove(channel); // the peer will not reset its half either
    }

    private void RemoveWhenReset(DataChannel channel)
    {
        if (channel is not { IsIncomingReset: true, IsOutgoingReset: true })
            return;
        Remove(channel);
        ReplayEarly(channel.Id);
    }

    private void Remove(DataChannel channel)
    {
        if (_channels.Remove(channel.Id))
            Report(channel);
    }

    private void RemoveAll()
    {
        foreach (var channel in Select([]))
            Remove(channel);
        foreach (var (_, share) in _early)
            share.Release();
        _early.Clear();
    }

    private void Report(DataChannel channel)
    {
        if (!channel.IsReported)
            Emit(new DataChannelEvent.ChannelClosed(channel.Id));
        channel.IsReported = true;
    }

    /// <summary>A copy, as handling removes channels; no ids means all.</summary>
    private DataChannel[] Select(ushort[] ids) =>
        [.. _channels.Values.Where(channel => ids.Length == 0 || ids.Contains(channel.Id))];

    private void Drop(WindowShare share)
    {
        Counters.ChannelMessagesDropped++;
        share.Release();
    }

    private void Emit(DataChannelEvent happened) => _events.Enqueue((happened, default));
}
