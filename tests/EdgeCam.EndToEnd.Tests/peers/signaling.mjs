// The two ways to an agent, by WHEP over HTTP and by MQTT, behind one face: offer(sdp), candidate(line), close().
import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import mqtt from 'mqtt';
import { progress } from './support.mjs';

const random = (length) => Array.from({ length }, () => Math.floor(Math.random() * 36).toString(36)).join('');

/** --whep URL, or --broker URL --device NAME [--prefix P] [--camera C] [--token T [--key D]]; --setup forces the role that the offer names. */
export async function openSignaling(options) {
  const signaling = options.whep ? new Whep(options) : await openMqtt(options);
  const offer = signaling.offer.bind(signaling);
  // The role is forced on the wire only: the peer itself takes the one that the answer leaves it.
  signaling.offer = (sdp) => offer(options.setup ? sdp.replace(/a=setup:\w+/g, `a=setup:${options.setup}`) : sdp);
  return signaling;
}

class Whep {
  onCandidate = () => {};
  #location = null;
  #early = [];
  #fragment = [];

  constructor(options) {
    this.url = options.whep;
  }

  async offer(sdp) {
    const part = (pattern) => pattern.exec(sdp)?.[0].trim();
    this.#fragment = [part(/a=ice-ufrag:.*/), part(/a=ice-pwd:.*/), part(/m=(video|application) .*/), part(/a=mid:.*/)].filter(Boolean);
    const response = await fetch(this.url, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: sdp });
    const body = await response.text();
    progress('POST', response.status);
    if (response.status !== 201) throw new Error(`POST answered ${response.status}: ${body}`);
    this.#location = new URL(response.headers.get('location'), this.url).href;
    for (const line of this.#early.splice(0)) await this.candidate(line);
    return body;
  }

  /** An empty line is end-of-candidates. */
  async candidate(line) {
    if (this.#location === null) return void this.#early.push(line);
    const body = [...this.#fragment, line === '' ? 'a=end-of-candidates' : `a=${line.replace(/^a=/, '')}`, ''].join('\r\n');
    const response = await fetch(this.#location, { method: 'PATCH', headers: { 'content-type': 'application/trickle-ice-sdpfrag' }, body });
    if (!response.ok) progress('PATCH', response.status);
  }

  async close() {
    if (this.#location !== null) progress('DELETE', (await fetch(this.#location, { method: 'DELETE' })).status);
  }
}

/** What makes a token its holder's: the offer's fingerprint signed by the key that the token names (RFC 7800). */
function prove({ token, key, device, session }, sdp) {
  const { x, y } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).cnf.jwk;
  const [nonce, time] = [randomBytes(18).toString('base64url'), Math.floor(Date.now() / 1000)];
  const fingerprint = /^a=fingerprint:([^\r\n]+)/m.exec(sdp)[1];
  const holder = createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d: key }, format: 'jwk' });
  const text = ['edgecam-offer-v1', device, session, fingerprint, nonce, time].join('\n');
  return { nonce, time, proof: sign('sha256', Buffer.from(text), { key: holder, dsaEncoding: 'ieee-p1363' }).toString('base64url') };
}

async function openMqtt({ broker, device, prefix = 'edgecam/v1', camera, token, key, protocol = 5 }) {
  const clientId = `peer${random(10)}`;
  const login = token ? { username: 'token', password: token } : {};
  const client = mqtt.connect(broker, { clientId, protocolVersion: Number(protocol), clean: true, reconnectPeriod: 0, ...login });
  await new Promise((resolve, reject) => {
    client.once('connect', resolve);
    client.once('error', reject);
    client.once('close', () => reject(new Error('the broker closed the connection')));
  });
  const session = random(16);
  const topic = `${prefix}/${device}/session/${clientId}/${session}`;
  await client.subscribeAsync(`${topic}/to-viewer`, { qos: 1 });
  return new MqttSession(client, topic, { camera, token }, (sdp) => (key ? prove({ token, key, device, session }, sdp) : {}));
}

class MqttSession {
  onCandidate = () => {};
  #sent = 0;
  #seen = -1;
  #waiting = null;

  constructor(client, topic, members, prove) {
    this.client = client;
    this.topic = topic;
    this.prove = prove;
    this.members = Object.fromEntries(Object.entries(members).filter(([, value]) => value));
    client.on('message', (_, payload) => this.#handle(JSON.parse(payload.toString())));
  }

  async offer(sdp) {
    const answer = new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      setTimeout(() => reject(new Error('no answer in 10 s')), 10_000).unref();
    });
    this.#send('offer', { sdp, ...this.members, ...this.prove(sdp) });
    return answer;
  }

  async candidate(line) {
    this.#send('candidate', { candidate: line.replace(/^a=/, ''), sdpMid: '0' });
  }

  async close() {
    this.#send('bye', { reason: 'done' });
    await this.client.endAsync();
  }

  #send(type, members) {
    this.client.publish(`${this.topic}/to-device`, JSON.stringify({ v: 1, type, seq: ++this.#sent, ...members }), { qos: 1 });
  }

  #handle(message) {
    if (message.seq <= this.#seen) return;
    this.#seen = message.seq;
    progress('to-viewer', message.type, message.code ?? message.reason ?? message.candidate ?? '');
    if (message.type === 'answer') this.#waiting?.resolve(message.sdp);
    else if (message.type === 'error') this.#waiting?.reject(Object.assign(new Error(`refused: ${message.code} ${message.message}`), { result: { code: message.code } }));
    else if (message.type === 'candidate') this.onCandidate(message.candidate, message.sdpMid ?? '0');
  }
}

/** A STUN server on loopback for stacks that would otherwise ask one on the Internet. */
export async function startStun() {
  const { createSocket } = await import('node:dgram');
  const socket = createSocket('udp4');
  socket.on('message', (request, { port, address }) => {
    if (request.length < 20 || request.readUInt16BE(0) !== 0x0001) return;
    const reply = Buffer.alloc(32);
    reply.writeUInt16BE(0x0101, 0);
    reply.writeUInt16BE(12, 2);
    request.copy(reply, 4, 4, 20);
    reply.writeUInt16BE(0x0020, 20); // XOR-MAPPED-ADDRESS, RFC 8489 section 14.2
    reply.writeUInt16BE(8, 22);
    reply.writeUInt16BE(1, 24);
    reply.writeUInt16BE(port ^ 0x2112, 26);
    address.split('.').forEach((part, i) => reply.writeUInt8(Number(part) ^ [0x21, 0x12, 0xa4, 0x42][i], 28 + i));
    socket.send(reply, port, address);
  });
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  socket.unref();
  return `stun:127.0.0.1:${socket.address().port}`;
}
