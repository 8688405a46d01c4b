# python3 sender.py PORT: H.264 from standard input to every viewer that comes by POST /whep, with GStreamer's webrtcbin.
# Standard input: per picture a length (32 bits, big-endian) and the access unit in Annex B. Ends with it.
# Debian: python3-gi gir1.2-gst-plugins-base-1.0 gir1.2-gst-plugins-bad-1.0 gir1.2-nice-0.1 gstreamer1.0-nice gstreamer1.0-plugins-base
# gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
import os
import random
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gi

for namespace, version in (('Gst', '1.0'), ('GstSdp', '1.0'), ('GstWebRTC', '1.0'), ('Nice', '0.1')):
    gi.require_version(namespace, version)
from gi.repository import GLib, Gst, GstSdp, GstWebRTC, Nice

Gst.init(None)
loop = GLib.MainLoop()
pipeline = Gst.Pipeline.new()
SSRC = random.randrange(1, 2**32 - 1)  # one for all viewers, each of which has a session of its own
payloaded = {}
joining = threading.Lock()


def add(factory, **properties):
    element = Gst.ElementFactory.make(factory)
    for name, value in properties.items():
        element.set_property(name.replace('_', '-'), value)
    pipeline.add(element)
    return element


source = add('appsrc', is_live=True, do_timestamp=True, format=Gst.Format.TIME,
             caps=Gst.Caps.from_string('video/x-h264,stream-format=byte-stream,alignment=au'))
pictures = add('tee', allow_not_linked=True)
source.link(pictures)


def packets(payload_type):
    """A tee of packets: payloaded once for all viewers that offer this payload type, since webrtcbin sends packets with the one they have."""
    if payload_type not in payloaded:
        payloader = add('rtph264pay', pt=payload_type, ssrc=SSRC, mtu=1200)
        # The answer says the offer's level; the payloader would refuse a stream whose parameter sets say another one.
        level = add('capssetter', caps=Gst.Caps.from_string('application/x-rtp,profile-level-id=(string)42e01f'))
        payloaded[payload_type] = add('tee', allow_not_linked=True)
        chain = (payloader, level, payloaded[payload_type])
        for left, right in zip(chain, chain[1:]):
            left.link(right)
        for element in reversed(chain):
            element.sync_state_with_parent()
        pictures.link(payloader)
    return payloaded[payload_type]


def offered(offer):
    """The index of the media description and the payload type of Constrained Baseline with packetization-mode=1."""
    for index, section in enumerate(re.split(r'^(?=m=)', offer, flags=re.M)[1:]):
        for payload_type in re.findall(r'^a=rtpmap:(\d+) H264/90000', section, re.M):
            parameters = re.search(rf'^a=fmtp:{payload_type} .*', section, re.M)
            if parameters and 'packetization-mode=1' in parameters[0] and 'profile-level-id=42e0' in parameters[0].lower():
                return index, int(payload_type)
    raise ValueError('no H.264 of Constrained Baseline with packetization-mode=1 in the offer')


def ask(element, signal, argument):
    promise = Gst.Promise.new()
    element.emit(signal, argument, promise)
    promise.wait()
    reply = promise.get_reply()
    if reply is not None and reply.has_field('error'):
        raise ValueError(str(reply.get_value('error')))
    return reply


class Viewer:
    def __init__(self, offer):
        index, payload_type = offered(offer)
        # Packets are lost only for a viewer that is a second behind, and then the oldest; the packets of a large picture are more than the default of 200.
        self.queue = add('queue', max_size_buffers=0, max_size_bytes=0, max_size_time=Gst.SECOND, leaky='downstream')
        self.webrtc = add('webrtcbin', bundle_policy='max-bundle')
        self.tee = self.branch = None
        self.gathered = threading.Event()
        ice = self.webrtc.get_property('ice-agent')
        ice.set_property('ice-tcp', False)
        loopback = Nice.Address.new()
        loopback.set_from_string('127.0.0.1')
        # libnice leaves it out unless it is named. Its search for a router (upnp) stays on, though it costs a join 0.2 s: without it gathering is
        # over before the offer's candidates are added, and libnice 0.1.21 then never starts its connectivity checks.
        ice.get_property('agent').add_local_address(loopback)
        self.webrtc.connect('notify::ice-gathering-state', self.on_gathering)
        self.webrtc.connect('notify::connection-state', self.on_connection)
        self.webrtc.sync_state_with_parent()
        self.queue.sync_state_with_parent()
        try:
            self.answer = self.negotiate(offer, index, payload_type)
        except BaseException:
            self.leave()
            raise

    def negotiate(self, offer, index, payload_type):
        _, sdp = GstSdp.SDPMessage.new_from_text(offer)
        ask(self.webrtc, 'set-remote-description', GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.OFFER, sdp))
        sink = self.webrtc.request_pad_simple(f'sink_{index}')
        transceiver = sink.get_property('transceiver')
        transceiver.set_property('direction', GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
        transceiver.set_property('do-nack', True)
        transceiver.set_property('codec-preferences', Gst.Caps.from_string(
            f'application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,payload={payload_type},ssrc=(uint){SSRC},'
            'packetization-mode=(string)1,profile-level-id=(string)42e01f,rtcp-fb-nack=(boolean)true,rtcp-fb-nack-pli=(boolean)true'))
        self.queue.get_static_pad('src').link(sink)
        with joining:
            self.tee = packets(payload_type)
            self.branch = self.tee.request_pad_simple('src_%u')
        self.branch.link(self.queue.get_static_pad('sink'))
        reply = ask(self.webrtc, 'create-answer', None)  # owns the description, so it is held until that is set
        ask(self.webrtc, 'set-local-description', reply.get_value('answer'))
        if not self.gathered.wait(10):
            raise ValueError('no candidates')
        return self.webrtc.get_property('local-description').sdp.as_text()

    def on_gathering(self, webrtc, _):
        if webrtc.get_property('ice-gathering-state') == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            self.gathered.set()

    def on_connection(self, webrtc, _):
        if webrtc.get_property('connection-state') in (GstWebRTC.WebRTCPeerConnectionState.FAILED, GstWebRTC.WebRTCPeerConnectionState.CLOSED):
            self.leave()

    def leave(self):
        branch, self.branch = self.branch, None
        if branch is not None:
            branch.add_probe(Gst.PadProbeType.IDLE, self.unlink)  # between two packets
        GLib.idle_add(self.end)  # not on a thread of the elements that end

    def unlink(self, branch, _):
        branch.unlink(self.queue.get_static_pad('sink'))
        self.tee.release_request_pad(branch)
        return Gst.PadProbeReturn.REMOVE

    def end(self):
        for element in (self.queue, self.webrtc):
            element.set_state(Gst.State.NULL)
            if element.get_parent() is not None:
                pipeline.remove(element)
        return GLib.SOURCE_REMOVE


class Whep(BaseHTTPRequestHandler):
    def do_POST(self):
        offer = self.rfile.read(int(self.headers['Content-Length'])).decode()
        try:
            status, body = 201, Viewer(offer).answer
        except ValueError as refused:
            status, body = 400, str(refused)
        self.send_response(status)
        self.send_header('Content-Type', 'application/sdp')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def read():
    stdin = sys.stdin.buffer
    while len(header := stdin.read(4)) == 4:
        source.emit('push-buffer', Gst.Buffer.new_wrapped(stdin.read(int.from_bytes(header, 'big'))))
    loop.quit()


def on_error(_, message):
    print(message.src.get_name(), *message.parse_error(), file=sys.stderr)


bus = pipeline.get_bus()
bus.add_signal_watch()
bus.connect('message::latency', lambda *_: pipeline.recalculate_latency())  # sender reports need it
bus.connect('message::error', on_error)
server = ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Whep)
server.request_queue_size = 64
pipeline.set_state(Gst.State.PLAYING)
threading.Thread(target=server.serve_forever, daemon=True).start()
threading.Thread(target=read, daemon=True).start()
print('ready', os.getpid(), flush=True)
loop.run()
os._exit(0)  # all threads of the elements end with the process
