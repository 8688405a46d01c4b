// node sender.mjs PORT: H.264 from standard input to every viewer that comes by POST /whep, with libdatachannel (by node-datachannel).
// Standard input: per picture a length (32 bits, big-endian) and the access unit in Annex B. Ends with it.
// node-datachannel is taken from the end-to-end tests' packages, or from the folder that NODE_DATACHANNEL_FROM names.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPictures } from '../framed.mjs';

const home = process.env.NODE_DATACHANNEL_FROM ?? fileURLToPath(new URL('../../../EdgeCam.EndToEnd.Tests/peers', import.meta.url));
const nd = createRequire(resolve(home, 'from-here.js'))('node-datachannel');
const port = Number(process.argv[2]);
const clockRate = 90000;
const profile = 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f';
const viewers = new Set();
let joined = 0;

// The payload type of the first H.264 with packetization-mode=1 and Constrained Baseline that is offered, and the name of its media description.
function offered(sdp) {
  const video = sdp.split(/^(?=m=)/m).find((section) => section.startsWith('m=video')) ?? '';
  for (const [, payloadType] of video.matchAll(/^a=rtpmap:(\d+) H264\/90000/gm)) {
    const parameters = video.match(new RegExp(`^a=fmtp:${payloadType} .*`, 'm'))?.[0] ?? '';
    if (/packetization-mode=1/.test(parameters) && /profile-level-id=42e0/i.test(parameters)) return { payloadType: Number(payloadType), mid: video.match(/^a=mid:(\S+)/m)[1] };
  }
  throw new Error('no H.264 of Constrained Baseline with packetization-mode=1 in the offer');
}

async function answer(offer) {
  const { payloadType, mid } = offered(offer);
  const ssrc = randomInt(1, 2 ** 32 - 1);
  const name = `viewer-${++joined}`;
  const connection = new nd.PeerConnection(name, { iceServers: [], bindAddress: '127.0.0.1', disableAutoNegotiation: true });
  const gathered = new Promise((done) => connection.onGatheringStateChange((state) => { if (state === 'complete') done(); }));

  const video = new nd.Video(mid, 'SendOnly');
  video.addH264Codec(payloadType, profile);
  video.addSSRC(ssrc, 'camera', 'camera', 'video');
  const track = connection.addTrack(video);
  // A chain of handlers belongs to one track, so each viewer has a packetizer of its own; the library copies the picture anyway.
  const rtp = new nd.RtpPacketizationConfig(ssrc, 'camera', payloadType, clockRate);
  const packetizer = new nd.H264RtpPacketizer('StartSequence', rtp);
  packetizer.addToChain(new nd.RtcpSrReporter(rtp));
  packetizer.addToChain(new nd.RtcpNackResponder());
  track.setMediaHandler(packetizer);

  const viewer = { connection, track, rtp, start: rtp.timestamp };
  track.onOpen(() => viewers.add(viewer));
  track.onClosed(() => viewers.delete(viewer));
  connection.onStateChange((state) => {
    if (state !== 'failed') return;
    viewers.delete(viewer);
    connection.close();
  });
  connection.setRemoteDescription(offer, 'offer');
  connection.setLocalDescription('answer');
  await gathered;
  return connection.localDescription().sdp;
}

const began = process.hrtime.bigint();

function send(picture) {
  const elapsed = Number((process.hrtime.bigint() - began) * BigInt(clockRate) / 1_000_000_000n);
  for (const viewer of viewers) {
    viewer.rtp.timestamp = (viewer.start + elapsed) % 2 ** 32;
    try {
      viewer.track.sendMessageBinary(picture);
    } catch { // closed by a thread of the library, and onClosed has yet to come
      viewers.delete(viewer);
    }
  }
}

const server = createServer((request, response) => {
  if (request.method !== 'POST' || request.url !== '/whep') return void response.writeHead(404).end();
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece)).on('end', () => {
    answer(String(Buffer.concat(pieces))).then(
      (sdp) => response.writeHead(201, { 'content-type': 'application/sdp' }).end(sdp),
      (error) => response.writeHead(400).end(error.message));
  });
});

server.listen(port, '127.0.0.1', () => {
  console.log('ready', process.pid);
  readPictures(send, () => process.exit(0));
});
