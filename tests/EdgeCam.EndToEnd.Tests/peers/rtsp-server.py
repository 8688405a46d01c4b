#!/usr/bin/python3
"""An IP camera: GStreamer's RTSP server, which plays MP4 files, each once to whoever asks, behind digest authentication.

rtsp-server.py PORT USER PASSWORD NAME=FILE ...
Says "ready" once it listens on 127.0.0.1. A NAME that begins with "hevc" is H.265. A line "off" on stdin closes every connection and the
door, as a camera without power; "on" opens it again; the end of stdin ends it.
"""
import sys
import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtsp, GstRtspServer, GLib  # noqa: E402

port, user, password = sys.argv[1:4]
Gst.init(None)

PIPELINES = {}
for word in sys.argv[4:]:
    name, file = word.split("=", 1)
    codec = "h265" if name.startswith("hevc") else "h264"
    PIPELINES["/" + name] = f'( filesrc location="{file}" ! qtdemux ! {codec}parse ! rtp{codec}pay name=pay0 pt=96 config-interval=-1 )'


def make_server():
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.set_realm("camera")
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    for path, pipeline in PIPELINES.items():
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(pipeline)
        factory.set_shared(False)
        factory.set_eos_shutdown(True)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
        server.get_mount_points().add_factory(path, factory)
    return server, server.attach(None)


server, source = make_server()
loop = GLib.MainLoop()


def on_line(channel, _):
    global server, source
    line = channel.readline().strip()
    if line == "":
        loop.quit()
        return False
    if line == "off" and server is not None:
        GLib.source_remove(source)
        server.client_filter(lambda _server, _client: GstRtspServer.RTSPFilterResult.REMOVE)
        server = None
    elif line == "on" and server is None:
        server, source = make_server()
    print(line, flush=True)
    return True


GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, on_line)
print("ready", flush=True)
loop.run()
