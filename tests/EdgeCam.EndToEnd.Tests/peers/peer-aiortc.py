#!/usr/bin/python3
"""aiortc as a viewer by WHEP: receives, decodes (libav) and calls device.info.

peer-aiortc.py WHEP-URL [--seconds N] [--setup active|passive] [--srtp cm|gcm]
"""
import argparse
import asyncio
import json
import re
import sys
import time
import urllib.request

import aioice.ice
import aiortc.rtcdtlstransport as dtls
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from pylibsrtp import Policy

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("--seconds", type=float, default=5)
parser.add_argument("--limit", type=float, default=20)
parser.add_argument("--setup", choices=["active", "passive"])
parser.add_argument("--srtp", choices=["cm", "gcm"], default="cm")
options = parser.parse_args()
started = time.monotonic()


def progress(*words):
    print(f"{time.monotonic() - started:6.2f}", *words, file=sys.stderr, flush=True)


# Loopback only, whatever interfaces the machine has.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]

if options.srtp == "gcm":
    # aiortc knows only AES-CM; libsrtp below it knows more. RFC 7714 section 12: 16 bytes of key, 12 of salt.
    dtls.SRTP_KEY_LEN, dtls.SRTP_SALT_LEN = 16, 12
    make_context = dtls.RTCCertificate._create_ssl_context

    def context_with_gcm(self):
        context = make_context(self)
        context.set_tlsext_use_srtp(b"SRTP_AEAD_AES_128_GCM")
        return context

    dtls.RTCCertificate._create_ssl_context = context_with_gcm

    class GcmPolicy(Policy):
        def __init__(self, **arguments):
            super().__init__(srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_128_GCM, **arguments)

    dtls.Policy = GcmPolicy


def request(method, url, body=None, headers=None):
    with urllib.request.urlopen(urllib.request.Request(url, data=body, method=method, headers=headers or {}), timeout=10) as response:
        return response.status, dict(response.headers), response.read().decode()


async def call(method, url, body=None, headers=None):
    answer = await asyncio.get_event_loop().run_in_executor(None, request, method, url, body, headers)
    progress(method, answer[0])
    return answer


async def main():
    peer = RTCPeerConnection()
    info = asyncio.get_event_loop().create_future()
    control = peer.createDataChannel("control", protocol="edgecam.control.v1")
    frames = []

    @control.on("open")
    def opened():
        control.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "device.info"}))

    @control.on("message")
    def answered(message):
        if not info.done():
            info.set_result(json.loads(message).get("result"))

    @peer.on("connectionstatechange")
    def changed():
        progress("state", peer.connectionState)

    @peer.on("track")
    def received(track):
        async def read():
            while True:
                frame = await track.recv()
                frames.append((time.monotonic(), frame.width, frame.height, frame.format.name))

        tasks.append(asyncio.ensure_future(read()))

    tasks = []
    transceiver = peer.addTransceiver("video", direction="recvonly")
    transceiver.setCodecPreferences([c for c in RTCRtpReceiver.getCapabilities("video").codecs if c.mimeType == "video/H264"])
    await peer.setLocalDescription(await peer.createOffer())
    offer = peer.localDescription.sdp
    if options.setup:
        offer = re.sub("a=setup:\\w+", "a=setup:" + options.setup, offer)
    _, headers, answer = await call("POST", options.url, offer.encode(), {"content-type": "application/sdp"})
    location = urllib.request.urljoin(options.url, headers.get("Location") or headers.get("location"))
    await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    end = time.monotonic() + options.limit
    while not frames and time.monotonic() < end:
        await asyncio.sleep(0.05)
    if not frames:
        raise RuntimeError("no frame; " + peer.connectionState)
    await asyncio.sleep(options.seconds)
    spent = frames[-1][0] - frames[0][0]
    transport = transceiver.receiver.transport
    stats = await transceiver.receiver.getStats()
    inbound = next((s for s in stats.values() if s.type == "inbound-rtp"), None)
    result = {
        "ok": True, "peer": "aiortc", "seconds": options.seconds, "state": peer.connectionState, "decoded": len(frames),
        "framesPerSecond": round((len(frames) - 1) / spent, 2) if spent > 0 else 0, "width": frames[-1][1], "height": frames[-1][2], "format": frames[-1][3],
        "packets": inbound.packetsReceived if inbound else 0, "lost": inbound.packetsLost if inbound else None, "dtlsRole": transport._role,
        "srtp": "SRTP_AEAD_AES_128_GCM" if options.srtp == "gcm" else "SRTP_AES128_CM_HMAC_SHA1_80",
        "answerSetup": re.search("a=setup:(\\w+)", answer).group(1), "deviceInfo": await asyncio.wait_for(info, 5),
    }
    await call("DELETE", location)
    for task in tasks:
        task.cancel()
    await asyncio.wait_for(peer.close(), 5)
    return result


try:
    outcome = asyncio.get_event_loop().run_until_complete(main())
except Exception as error:  # whatever it is, it is the result
    outcome = {"ok": False, "error": f"{type(error).__name__}: {error}"}
print(json.dumps(outcome), flush=True)
sys.exit(0 if outcome["ok"] else 1)
