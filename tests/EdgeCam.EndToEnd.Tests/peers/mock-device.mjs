// Imitates a device on loopback: broker, page, WHEP and an H.264 picture by ffmpeg and libdatachannel. With it the viewer and the
// drivers can be tried without the agent. Prints one JSON line when ready and takes commands on stdin:
//   camera stop | camera start | camera NAME state WORD | offline | online | reboot | refuse CODE | accept | drop (all sessions)
//   tamper off | key | fingerprint | second | unsigned (answers, with --access tokens) | expire (says so, and drops all sessions)
//   end CAUSE (of the access of all sessions, as a revoked token does)
// With --controls it has a head and lines, and takes commands for these too:
//   head JSON (members: state, fault, remedy, holder, blind) | scopes NAME... | input NAME 0|1 | line NAME fault WORDS... | line NAME ok
//   lag MILLISECONDS (of an output) | heard (prints what head and lines have heard as a line of JSON, and forgets it)
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';
import nd from 'node-datachannel';
import { fingerprintOf, MockAccess } from './mock-access.mjs';
import { MockLines } from './mock-gpio.mjs';
import { MockHead } from './mock-ptz.mjs';
import { answerRpc, RpcFault } from './mock-rpc.mjs';
import { freePort, parseArguments, progress, until, wait } from './support.mjs';

const options = parseArguments({
  http: 0, device: 'mock-1', prefix: 'edgecam/v1', cameras: 'cam0', size: '1280x720', rate: 30, command: '', broker: '', noDefault: false, access: 'open', controls: false,
  pages: fileURLToPath(new URL('../../../agent/viewer/dist', import.meta.url)),
});
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob: mediastream:; connect-src 'self' ws: wss:; base-uri 'none'";
const children = new Set();
const sessions = new Map();
const access = new MockAccess(options.access, options.device);
let bootId = `boot-${Date.now()}`;
let online = true;
let refusal = 0;
let seq = 0;

async function startBroker() {
  const folder = mkdtempSync(join(tmpdir(), 'edgecam-mock-'));
  const [plain, web] = [await freePort(), await freePort()];
  // mosquitto 2.0.11 ignores an address on a WebSocket listener, an interface name it honours; and it needs a plain one beside it.
  writeFileSync(join(folder, 'mosquitto.conf'), ['persistence false', 'log_type error', `listener ${plain} 127.0.0.1`, `listener ${web} lo`, 'protocol websockets', 'allow_anonymous true', ''].join('\n'));
  children.add(spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: ['ignore', 'ignore', 'inherit'] }));
  return { tcp: `mqtt://127.0.0.1:${plain}`, ws: `ws://127.0.0.1:${web}` };
}

/** One camera: an encoder whose RTP goes to every session that watches it. */
class Camera {
  state = 'live';
  shift = [0, 0];
  #encoder = null;

  constructor(name) {
    this.name = name;
    this.socket = dgram.createSocket('udp4');
    this.socket.on('message', (packet) => {
      this.#continue(packet);
      for (const session of sessions.values()) if (session.camera === this) session.send(packet);
    });
  }

  async start() {
    if (this.socket.listenerCount('listening') === 0 && this.port === undefined)
      this.port = await new Promise((resolve) => this.socket.bind(0, '127.0.0.1', () => resolve(this.socket.address().port)));
    const out = ['-f', 'rtp', '-payload_type', '96', '-pkt_size', '1200', `rtp://127.0.0.1:${this.port}`];
    const picture = ['-re', '-f', 'lavfi', '-i', `testsrc2=s=${options.size}:r=${options.rate}`, '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast',
      '-profile:v', 'baseline', '-tune', 'zerolatency', '-g', String(options.rate), '-b:v', '2500k', '-maxrate', '2500k', '-bufsize', '1250k'];
    if (options.command === '') {
      this.#encoder = spawn('ffmpeg', ['-loglevel', 'error', ...picture, ...out], { stdio: ['ignore', 'ignore', 'inherit'] });
    } else {
      this.#encoder = spawn('sh', ['-c', `exec ${options.command}`], { stdio: ['ignore', 'pipe', 'inherit'] });
      const sender = spawn('ffmpeg', ['-loglevel', 'error', '-fflags', 'nobuffer', '-use_wallclock_as_timestamps', '1', '-f', 'h264', '-i', 'pipe:0', '-c', 'copy', ...out], { stdio: ['pipe', 'ignore', 'inherit'] });
      this.#encoder.stdout.pipe(sender.stdin);
      sender.stdin.on('error', () => {});
      children.add(sender);
    }

    children.add(this.#encoder);
    this.setState('live');
  }

  /** A restarted encoder numbers its packets anew; the stream goes on where it was. */
  #continue(packet) {
    const [sequence, timestamp, source] = [packet.readUInt16BE(2), packet.readUInt32BE(4), packet.readUInt32BE(8)];
    if (source !== this.source) {
      if (this.source !== undefined) this.shift = [this.last[0] + 1 - sequence, this.last[1] + 90 * (Date.now() - this.last[2]) - timestamp];
      this.source = source;
    }

    this.last = [(sequence + this.shift[0]) & 0xffff, (timestamp + this.shift[1]) >>> 0, Date.now()];
    packet.writeUInt16BE(this.last[0], 2);
    packet.writeUInt32BE(this.last[1], 4);
  }

  stop() {
    this.#encoder?.kill('SIGKILL');
    this.setState('lost');
  }

  setState(state) {
    this.state = state;
    publishStatus();
  }
}

/** One viewer's connection, answered by libdatachannel. */
class Session {
  #ssrc = 1 + Math.floor(Math.random() * 0x7fffffff);

  constructor(id, offer, camera, iceServers, setup) {
    this.id = id;
    this.camera = camera;
    this.fingerprint = fingerprintOf(offer);
    this.payloadType = choosePayloadType(offer);
    this.peer = new nd.PeerConnection(id, { iceServers, disableAutoNegotiation: true });
    this.candidates = [];
    this.channels = [];
    this.peer.onLocalCandidate((candidate, mid) => (this.onCandidate ? this.onCandidate(candidate, mid) : this.candidates.push([candidate, mid])));
    this.peer.onStateChange((state) => {
      progress(id, state);
      if (state === 'closed' || state === 'failed') this.close();
    });
    this.peer.onDataChannel((channel) => {
      progress(id, 'channel', channel.getLabel(), channel.getProtocol());
      this.channels.push(channel);
      channel.onMessage((message) => {
        const answer = answerRpc(String(message), (method, params) => handleRpc(this, channel.getLabel(), method, params));
        if (answer !== null) channel.sendMessage(answer);
      });
    });
    this.peer.setRemoteDescription(setup === undefined ? offer : offer.replace(/a=setup:\w+/g, `a=setup:${setup}`), 'offer');
    const mid = /m=video[\s\S]*?a=mid:(\S+)/.exec(offer)?.[1] ?? '0';
    const video = new nd.Video(mid, 'SendOnly');
    video.addH264Codec(this.payloadType, 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f');
    video.addSSRC(this.#ssrc, 'edgecam', 'edgecam', 'video');
    this.track = this.peer.addTrack(video);
    this.peer.setLocalDescription('answer');
    sessions.set(id, this);
  }

  answer() {
    return until(() => this.peer.localDescription()?.sdp, 3000, 5);
  }

  send(packet) {
    if (!this.track.isOpen()) return;
    const copy = Buffer.from(packet);
    copy[1] = (copy[1] & 0x80) | this.payloadType;
    copy.writeUInt32BE(this.#ssrc, 8);
    this.track.sendMessageBinary(copy);
  }

  notify(method, params) {
    const channel = this.channels.find((each) => each.getLabel() === 'control');
    if (channel?.isOpen()) channel.sendMessage(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  close() {
    if (!sessions.delete(this.id)) return;
    progress(this.id, 'closed');
    head?.close(this);
    lines?.close(this);
    // A peer that is closed at once does not always say so any more.
    for (const channel of this.channels) if (channel.isOpen()) channel.close();
    setTimeout(() => this.peer.close(), 100);
  }
}

function choosePayloadType(offer) {
  for (const profile of ['42e01f', '42001f', '42e0', '4200'])
    for (const [, type, parameters] of offer.matchAll(/a=fmtp:(\d+) ([^\r\n]*)/g))
      if (parameters.includes('packetization-mode=1') && parameters.toLowerCase().includes(`profile-level-id=${profile}`)) return Number(type);
  throw new Error('the offer has no H.264');
}

function handleRpc(session, channel, method, params) {
  if (method === 'device.info')
    return { id: options.device, name: 'Mock device', version: '0.0.0', model: 'ffmpeg and libdatachannel', system: 'Linux', uptimeSeconds: Math.round(process.uptime()), viewers: sessions.size, cameras: [] };
  if (method === 'session.renew') {
    const problem = access.judge('renew', session.id, session.fingerprint, params);
    progress('renewal', problem ?? 'proven');
    if (problem !== null) throw new RpcFault(-32001, problem);
    return { expiresIn: 3600, scopes: ['view'] };
  }

  if (options.controls && method === 'session.access') return { subject: 'Ann', scopes, expiresIn: null };
  if (head !== null && method.startsWith('ptz.')) {
    if (!['ptz.status', 'ptz.presets', 'ptz.presetThumbnail'].includes(method)) need('ptz');
    return head.handle(method, params, session, channel);
  }

  if (lines !== null && method.startsWith('gpio.')) return lines.handle(method, params, session, (scope) => scopes.includes(scope));
  throw new RpcFault(-32601, `Method not found: ${method}`);
}

function need(scope) {
  if (!scopes.includes(scope)) throw new RpcFault(-32001, `the scope ${scope} is missing`, { scope });
}

let scopes = ['view', 'ptz', 'gpio'];
const head = options.controls ? new MockHead((statusOf) => { for (const session of sessions.values()) session.notify('ptz.changed', statusOf(session)); }) : null;
const lines = options.controls ? new MockLines((params, watching) => { for (const session of watching) session.notify('gpio.changed', params); }) : null;
const broker = options.broker === '' ? await startBroker() : { tcp: options.broker, ws: options.broker };
const statusTopic = `${options.prefix}/${options.device}/status`;
const client = mqtt.connect(broker.tcp, { clientId: options.device, protocolVersion: 5, reconnectPeriod: 200, will: { topic: statusTopic, payload: Buffer.from('{"online":false}'), retain: true, qos: 1 } });
const cameras = options.cameras.split(',').map((name) => new Camera(name));

function publishStatus() {
  const status = { online, name: options.device, bootId, version: '0.0.0', cameras: cameras.map(({ name, state }) => ({ name, state })) };
  client.publish(statusTopic, JSON.stringify(status), { retain: true, qos: 1 });
}

client.on('connect', () => {
  client.subscribe(`${options.prefix}/${options.device}/session/+/+/to-device`, { qos: 1 });
  publishStatus();
});
client.on('message', async (topic, payload) => {
  if (!online) return; // whoever is offline answers nobody
  const [who, id] = topic.split('/').slice(-3);
  const message = JSON.parse(payload.toString());
  const send = (type, members) => client.publish(topic.replace(/to-device$/, 'to-viewer'), JSON.stringify({ v: 1, type, seq: ++seq, ...members }), { qos: 1 });
  progress(who, id, message.type);
  if (message.type === 'hello') {
    const problem = access.judge('offer', id, '', message);
    if (access.mode !== 'open') progress('hello', problem ?? 'proven');
    send('welcome', { device: options.device, name: 'Mock device', cameras: [], ...(problem === null ? { iceServers: [] } : {}), ...access.welcome() });
  } else if (message.type === 'offer') {
    const camera = message.camera === undefined ? cameras[0] : cameras.find(({ name }) => name === message.camera);
    if (refusal) return send('error', { code: refusal, message: '' });
    if (!camera) return send('error', { code: 404, message: `no camera ${message.camera}` });
    const problem = access.judge('offer', id, fingerprintOf(message.sdp), message);
    if (access.mode !== 'open') progress('offer', problem ?? 'proven');
    if (problem !== null) return send('error', { code: 401, message: problem, re: message.seq });
    const session = new Session(id, message.sdp, camera, []);
    const sdp = await session.answer();
    send('answer', { ...access.answer(id, message, sdp), re: message.seq });
    session.onCandidate = (candidate, sdpMid) => send('candidate', { candidate, sdpMid });
    for (const [candidate, sdpMid] of session.candidates.splice(0)) send('candidate', { candidate, sdpMid });
    send('candidate', { candidate: '' });
  } else if (message.type === 'candidate' && message.candidate !== '') {
    sessions.get(id)?.peer.addRemoteCandidate(message.candidate, message.sdpMid ?? '0');
  } else if (message.type === 'bye') {
    sessions.get(id)?.close();
  }
});

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };
const server = http.createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://loopback');
  const reply = (status, headers = {}, body = '') => response.writeHead(status, { 'content-security-policy': csp, ...headers }).end(body);
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  try {
    if (pathname === '/healthz') return reply(200, {}, 'ok');
    if (pathname === '/viewer.json')
      return reply(200, { 'content-type': 'application/json' }, JSON.stringify({ broker: broker.ws, prefix: options.prefix, access: access.mode, ...(options.noDefault ? {} : { device: options.device }) }));
    if (pathname.startsWith('/whep/')) return await handleWhep(request.method, pathname.split('/').slice(2), body, reply);
    const file = pathname === '/' ? '/index.html' : pathname;
    reply(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }, readFileSync(join(options.pages, file.replaceAll('..', ''))));
  } catch (error) {
    reply(error.code === 'ENOENT' ? 404 : 400, {}, error.message);
  }
});

async function handleWhep(method, [cameraName, id], body, reply) {
  if (method === 'POST') {
    const camera = cameras.find(({ name }) => name === cameraName);
    if (!camera) return reply(404);
    const session = new Session(`whep-${Math.random().toString(36).slice(2, 12)}`, body, camera, []);
    await session.answer();
    await wait(100); // WHEP has no way back for candidates: the answer carries them
    return reply(201, { 'content-type': 'application/sdp', 'location': `/whep/${cameraName}/${session.id}`, 'etag': '"1"' }, session.peer.localDescription().sdp);
  }

  const session = sessions.get(id);
  if (!session) return reply(404);
  if (method === 'PATCH') {
    const mid = /a=mid:(\S+)/.exec(body)?.[1] ?? '0';
    for (const [, candidate] of body.matchAll(/a=(candidate:[^\r\n]+)/g)) session.peer.addRemoteCandidate(candidate, mid);
    return reply(204);
  }

  if (method === 'DELETE') session.close();
  return reply(method === 'DELETE' ? 200 : 405);
}

// Whoever started it holds its standard input: when that closes, nobody is there to end it.
const commands = createInterface({ input: process.stdin });
commands.on('close', end);
commands.on('line', async (line) => {
  const [verb, ...rest] = line.trim().split(/\s+/);
  progress('command', line);
  if (verb === 'camera' && rest[0] === 'stop') cameras.forEach((camera) => camera.stop());
  else if (verb === 'camera' && rest[0] === 'start') cameras.forEach((camera) => camera.start());
  else if (verb === 'camera' && rest[1] === 'state') cameras.find(({ name }) => name === rest[0])?.setState(rest[2]);
  else if (verb === 'refuse') refusal = Number(rest[0]);
  else if (verb === 'accept') refusal = 0;
  else if (verb === 'drop') [...sessions.values()].forEach((session) => session.close());
  else if (verb === 'tamper') [access.tamper] = rest;
  else if (verb === 'expire') expire();
  else if (verb === 'end') endAccess(rest[0]);
  else if (verb === 'offline' || verb === 'online') [online] = [verb === 'online', publishStatus()];
  else if (verb === 'head') head?.set(JSON.parse(rest.join(' ')), 'fault');
  else if (verb === 'scopes') scopes = rest;
  else if (verb === 'input') lines?.input(rest[0], rest[1] === '1');
  else if (verb === 'line') lines?.fault(rest[0], rest[1] === 'fault' ? rest.slice(2).join(' ') : null);
  else if (verb === 'lag') lines.delay = Number(rest[0]);
  else if (verb === 'heard') console.log(JSON.stringify({ head: head?.heard.splice(0), lines: lines?.heard.splice(0) }));
  else if (verb === 'reboot') bootId = `boot-${Date.now()}`;
  if (['offline', 'online', 'reboot'].includes(verb)) publishStatus();
});

function tellAll(method, params) {
  const notification = JSON.stringify({ jsonrpc: '2.0', method, params });
  for (const { channels } of sessions.values()) for (const channel of channels) if (channel.isOpen()) channel.sendMessage(notification);
}

function expire() {
  tellAll('session.accessExpires', { expiresIn: 1 });
  setTimeout(() => [...sessions.values()].forEach((session) => session.close()), 1000);
}

function endAccess(cause) {
  tellAll('session.accessEnded', { reason: `the token was ${cause}`, cause });
  setTimeout(() => [...sessions.values()].forEach((session) => session.close()), 1000);
}

function end() {
  for (const child of children) child.kill('SIGKILL');
  process.exit(0);
}

process.on('uncaughtException', (error) => {
  progress(error.stack);
  end();
});
process.on('SIGTERM', end);
process.on('SIGINT', end);
await Promise.all(cameras.map((camera) => camera.start()));
await new Promise((resolve) => server.listen(Number(options.http), '127.0.0.1', resolve));
console.log(JSON.stringify({ ready: true, url: `http://127.0.0.1:${server.address().port}/`, broker: broker.tcp, brokerWs: broker.ws, device: options.device, issuer: access.identity }));
