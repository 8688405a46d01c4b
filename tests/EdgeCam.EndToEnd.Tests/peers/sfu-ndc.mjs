// node sfu-ndc.mjs --port N --token T
// A WHIP server of our own in front of libdatachannel (by node-datachannel), with the moods of servers, on loopback. Its addresses:
//   /whip/NAME      takes a stream
//   /moved/NAME     leads on to /whip/NAME by 307
//   /busy/NAME      answers 503 with Retry-After once, then as /whip/NAME
// Ends with its standard input, and then says what it received.
import { createServer } from 'node:http';
import nd from 'node-datachannel';
import { Receiver } from './h264.mjs';
import { drive, parseArguments, progress, until, wait } from './support.mjs';

const options = parseArguments({ port: 0, token: '', width: 1280 });
const sessions = new Map();
const requests = [];
const busy = new Set();
let next = 1;

async function answer(name, offer) {
  const session = { name, receiver: new Receiver(), trickled: 0, ended: false, keyFrames: 0 };
  await session.receiver.decode(options.width);
  const pc = new nd.PeerConnection(`sfu-${name}`, { iceServers: [], bindAddress: '127.0.0.1', disableAutoNegotiation: true });
  pc.onStateChange((state) => progress(name, state));
  pc.onTrack((track) => {
    session.track = track;
    track.setMediaHandler(new nd.RtcpReceivingSession());
    track.onMessage((packet) => {
      if (packet[1] < 192 || packet[1] > 223) session.receiver.handleRtp(packet);
    });
    track.onOpen(() => setTimeout(() => { session.keyFrames += track.requestKeyframe() ? 1 : 0; }, 500));
  });
  const gathered = new Promise((resolve) => pc.onGatheringStateChange((state) => { if (state === 'complete') resolve(); }));
  pc.setRemoteDescription(offer, 'offer');
  pc.setLocalDescription('answer');
  await Promise.race([gathered, wait(3000)]);
  session.pc = pc;
  session.ufrag = /a=ice-ufrag:(\S+)/.exec(offer)[1];
  const id = String(next++);
  sessions.set(id, session);
  return { id, sdp: pc.localDescription().sdp };
}

async function handle(request, body) {
  const [, kind, name] = request.url.split('/');
  if (options.token !== '' && request.headers.authorization !== `Bearer ${options.token}`) return [401];
  if (kind === 'session') {
    const session = sessions.get(name);
    if (session === undefined) return [404];
    if (request.method === 'PATCH' && request.headers['content-type'] === 'application/trickle-ice-sdpfrag' && body.includes(session.ufrag)) {
      session.trickled += body.split('a=candidate:').length - 1;
      return [204];
    }
    if (request.method !== 'DELETE') return [405];
    session.ended = true;
    session.pc.close();
    return [200];
  }

  if (request.method !== 'POST') return [405];
  if (request.headers['content-type'] !== 'application/sdp') return [415];
  if (kind === 'moved') return [307, { location: `/whip/${name}` }];
  if (kind === 'busy' && !busy.has(name)) {
    busy.add(name);
    return [503, { 'retry-after': '1' }];
  }

  if (kind !== 'whip' && kind !== 'busy') return [404];
  const { id, sdp } = await answer(name, body);
  return [201, { 'content-type': 'application/sdp', location: `../session/${id}`, etag: `"${id}"`, link: '<turn:127.0.0.1:1?transport=udp>; rel="ice-server"; username="u"; credential="c"; credential-type="password"' }, sdp];
}

await drive(async () => {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', async () => {
      const [status, headers, content] = await handle(request, body).catch((error) => { progress(error.stack); return [500]; });
      requests.push(`${request.method} /${request.url.split('/')[1]} ${status}`);
      response.writeHead(status, headers).end(content);
    });
  });
  await new Promise((resolve) => server.listen(options.port, '127.0.0.1', resolve));
  progress('ready');
  await new Promise((resolve) => process.stdin.resume().on('end', resolve));
  await until(() => [...sessions.values()].every(({ ended }) => ended), 2000);
  const streams = {};
  for (const { name, receiver, trickled, ended, keyFrames } of sessions.values()) streams[name] = { trickled, ended, keyFrames, ...(await receiver.result()) };
  return { peer: `libdatachannel ${nd.getLibraryVersion()}`, requests, streams };
});
