// node shim.mjs PORT: H.264 from standard input to every viewer that comes by POST /whep, with Janus and its streaming plugin.
// Standard input: per picture a length (32 bits, big-endian) and the access unit in Annex B. Ends with it.
// The shim packetizes and signals; Janus sends, and `ready` has Janus' process id. Debian: janus.
// Janus 1.1.2 makes the offers itself: POST /whep without a body answers 201 with an offer and a Location, which takes the answer by PATCH.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as listen } from 'node:net';
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readPictures } from '../framed.mjs';

const port = Number(process.argv[2]);
const largest = 1188; // of a payload: packets of 1200 bytes
const mountpoint = 1;
const payloadType = 102;
const sessions = new Map();

const folder = mkdtempSync(join(tmpdir(), 'janus-'));
const libraries = readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'janus')).find((path) => existsSync(join(path, 'plugins')));
const freeTcp = () => new Promise((done) => { const server = listen().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => done(port)); }); });
const freeUdp = () => new Promise((done) => { const socket = createSocket('udp4').bind(0, '127.0.0.1', () => { const { port } = socket.address(); socket.close(() => done(port)); }); });

async function startJanus() {
  const [api, video] = [await freeTcp(), await freeUdp()];
  const others = (kind, used) => readdirSync(join(libraries, kind)).filter((name) => name.endsWith('.so') && name !== used).join(',');
  // Sessions live without long polls. A loop per processor costs less than Janus' default of one per viewer.
  // Janus never uses a loopback interface: viewers have to come from another address of the machine.
  writeFileSync(join(folder, 'janus.jcfg'), `general: {
  configs_folder = "${folder}"
  plugins_folder = "${libraries}/plugins"
  transports_folder = "${libraries}/transports"
  debug_level = 2
  session_timeout = 0
  event_loops = ${availableParallelism()}
}
plugins: { disable = "${others('plugins', 'libjanus_streaming.so')}" }
transports: { disable = "${others('transports', 'libjanus_http.so')}" }
`);
  writeFileSync(join(folder, 'janus.transport.http.jcfg'), `general: { json = "compact", base_path = "/janus", http = true, port = ${api}, ip = "127.0.0.1", https = false }\nadmin: { admin_http = false }\n`);
  writeFileSync(join(folder, 'janus.plugin.streaming.jcfg'), `camera: {
  type = "rtp", id = ${mountpoint}, audio = false, video = true, videoport = ${video}, videoiface = "127.0.0.1", videopt = ${payloadType}, videocodec = "h264"
  videofmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
}
`);
  const janus = spawn('janus', ['-F', folder, '-C', join(folder, 'janus.jcfg')], { stdio: ['ignore', 'ignore', 'ignore'] });
  janus.on('error', (error) => { throw error; });
  janus.on('exit', () => process.exit()); // which ends all
  process.on('exit', () => { janus.kill('SIGKILL'); rmSync(folder, { recursive: true }); });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => janus.kill());
  const url = `http://127.0.0.1:${api}/janus`;
  while (!await fetch(`${url}/info`).then((response) => response.ok, () => false)) await wait(50);
  return { url, video, janus };
}

const { url, video, janus } = await startJanus();

async function request(path, body) {
  const response = await fetch(url + path, { method: 'POST', body: JSON.stringify({ ...body, transaction: randomUUID() }) });
  const reply = await response.json();
  if (reply.janus === 'error') throw new Error(reply.error.reason);
  return reply.data?.id;
}

async function offer() {
  const session = await request('', { janus: 'create' });
  const handle = await request(`/${session}`, { janus: 'attach', plugin: 'janus.plugin.streaming' });
  await request(`/${session}/${handle}`, { janus: 'message', body: { request: 'watch', id: mountpoint } });
  for (;;) {
    const event = await fetch(`${url}/${session}`).then((response) => response.json()); // a long poll
    if (event.jsep) return { path: `/${session}/${handle}`, sdp: event.jsep.sdp };
    if (event.plugindata?.data.error) throw new Error(event.plugindata.data.error);
  }
}

async function serve(request_, body) {
  if (request_.method === 'POST' && request_.url === '/whep') {
    const { path, sdp } = await offer();
    const location = `/whep/${randomUUID()}`;
    sessions.set(location, path);
    return [201, { 'content-type': 'application/sdp', location }, sdp];
  }
  const path = sessions.get(request_.url);
  if (request_.method !== 'PATCH' || path === undefined) return [404, {}, ''];
  await request(path, { janus: 'message', body: { request: 'start' }, jsep: { type: 'answer', sdp: body } });
  return [204, {}, ''];
}

const server = createServer((request_, response) => {
  const pieces = [];
  request_.on('data', (piece) => pieces.push(piece)).on('end', () => {
    serve(request_, String(Buffer.concat(pieces))).then(
      ([status, headers, body]) => response.writeHead(status, headers).end(body),
      (error) => response.writeHead(500).end(error.message));
  });
});

const output = createSocket('udp4');
await new Promise((done) => output.connect(video, '127.0.0.1', done));
const header = Buffer.concat([Buffer.from([0x80, payloadType]), randomBytes(10)]);
let sequenceNumber = randomInt(65536);
const waiting = [];
let timer;
const began = process.hrtime.bigint();

function write(marker, ...payload) {
  header[1] = payloadType | (marker ? 0x80 : 0);
  header.writeUInt16BE(sequenceNumber++ & 0xffff, 2);
  waiting.push([Buffer.from(header), ...payload]);
}

// The socket that Janus reads has the system's buffer, which holds fewer packets than a large picture has: 32 go at once, then 8 each millisecond.
function flush(count) {
  for (const packet of waiting.splice(0, count)) output.send(packet);
  timer = waiting.length > 0 ? setTimeout(flush, 1, 8) : undefined;
}

// RFC 6184: NAL units that fit go alone, others as fragments (FU-A) of equal size.
function sendNalUnit(unit, last) {
  if (unit.length <= largest) return write(last, unit);
  const data = unit.subarray(1);
  const count = Math.ceil(data.length / (largest - 2));
  for (let i = 0; i < count; i++) {
    const flags = (i === 0 ? 0x80 : 0) | (i === count - 1 ? 0x40 : 0);
    write(last && i === count - 1, Buffer.from([(unit[0] & 0x60) | 28, flags | (unit[0] & 0x1f)]),
      data.subarray(Math.floor(i * data.length / count), Math.floor((i + 1) * data.length / count)));
  }
}

const startCode = Buffer.from([0, 0, 1]);

function send(picture) {
  header.writeUInt32BE(Number((process.hrtime.bigint() - began) * 90000n / 1_000_000_000n) % 2 ** 32, 4);
  for (let start = picture.indexOf(startCode) + 3; start >= 3;) {
    const next = picture.indexOf(startCode, start);
    let end = next < 0 ? picture.length : next;
    if (next >= 0 && picture[end - 1] === 0) end--; // of the next start code
    sendNalUnit(picture.subarray(start, end), next < 0);
    start = next < 0 ? -1 : next + 3;
  }
  if (timer === undefined) flush(32);
}

server.listen(port, '127.0.0.1', () => {
  console.log('ready', janus.pid);
  readPictures(send, () => janus.kill());
});
