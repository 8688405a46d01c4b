// node operator.mjs: libdatachannel (by node-datachannel) as an operator whom a test leads by the hand. A command is a line of JSON on stdin, its
// answer one on stdout:
//   {"do":"connect","broker":U,"device":D,...}    as signaling.mjs takes it, and "decode", the picture's width; answers once both channels are open
//   {"do":"call","method":M,"params":P}           a request on "channel" (control, where it says no other); answers with its result or error
//   {"do":"raw","text":T}                         a message as it stands; answers with what came back within "wait" ms (3 s), null where nothing did
//   {"do":"hold","method":M,"params":P,"every":N} says it again each N ms, with a rising seq, until {"do":"release"}
//   {"do":"flood","messages":[T...],"rate":R,"seconds":S}  on "channel"; {i} in a text is the number of the message
//   {"do":"heard"}                                notifications since the last time
//   {"do":"video"}                                what came of the picture
//   {"do":"leave"}                                closes the connection in order
import { createInterface } from 'node:readline';
import nd from 'node-datachannel';
import { Receiver } from './h264.mjs';
import { openSignaling } from './signaling.mjs';
import { progress, until, wait } from './support.mjs';

const receiver = new Receiver();
const channels = {};
const waiting = new Map();
let heard = [];
let strays = [];
let holding = null;
let connection = null;
const kept = []; // a track that nothing refers to is collected, and gives no more pictures
let signaling = null;
let ids = 0;
let seq = 0;

function handle(text) {
  const message = JSON.parse(text);
  if (!Array.isArray(message) && message.method !== undefined) return void heard.push(message);
  const id = Array.isArray(message) ? undefined : message.id;
  if (waiting.has(id)) {
    waiting.get(id)(message);
    waiting.delete(id);
  } else strays.push(message);
}

const send = (name, message) => channels[name].sendMessage(typeof message === 'string' ? message : JSON.stringify(message));

function release() {
  clearInterval(holding);
  holding = null;
}

const commands = {
  async connect({ bind = '127.0.0.1', decode = 0, ...options }) {
    if (decode > 0) await receiver.decode(decode);
    signaling = await openSignaling(options);
    connection = new nd.PeerConnection('operator', { iceServers: [], bindAddress: bind, disableAutoNegotiation: true });
    connection.onStateChange((state) => progress('state', state));
    const video = new nd.Video('0', 'RecvOnly');
    video.addH264Codec(96, 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f');
    const track = connection.addTrack(video);
    const handler = new nd.RtcpReceivingSession();
    kept.push(video, track, handler);
    track.setMediaHandler(handler);
    track.onMessage((packet) => (packet[1] < 192 || packet[1] > 223) && receiver.handleRtp(packet));
    for (const [name, reliability] of [['control', {}], ['control-fast', { unordered: true, maxRetransmits: 0 }]]) {
      channels[name] = connection.createDataChannel(name, { protocol: 'edgecam.control.v1', ...reliability });
      channels[name].onMessage((message) => handle(String(message)));
    }

    connection.onLocalCandidate((candidate) => void signaling.candidate(candidate));
    const early = [];
    let answered = false;
    signaling.onCandidate = (candidate, mid) => {
      if (candidate === '') return;
      if (answered) connection.addRemoteCandidate(candidate, mid);
      else early.push([candidate, mid]);
    };
    connection.setLocalDescription('offer');
    const offer = await until(() => connection.localDescription()?.sdp, 3000, 5);
    connection.setRemoteDescription(await signaling.offer(offer), 'answer');
    answered = true;
    for (const [candidate, mid] of early) connection.addRemoteCandidate(candidate, mid);
    if (!await until(() => channels.control.isOpen() && channels['control-fast'].isOpen(), 10_000, 5)) throw new Error(`not connected: ${connection.state()}`);
    return {};
  },
  async call({ method, params, channel = 'control', limit = 5000 }) {
    const id = ++ids;
    const sent = performance.now();
    const answer = new Promise((resolve) => waiting.set(id, resolve));
    send(channel, params == null ? { jsonrpc: '2.0', id, method } : { jsonrpc: '2.0', id, method, params });
    const message = await Promise.race([answer, wait(limit)]);
    if (message === undefined) throw new Error(`${method} was not answered in ${limit} ms`);
    return { result: message.result, error: message.error, ms: performance.now() - sent };
  },
  async raw({ text, channel = 'control', wait: limit = 3000, repeat = 1 }) {
    strays = [];
    send(channel, text.repeat(repeat));
    await until(() => strays.length > 0, limit, 2);
    return { answer: strays[0] ?? null };
  },
  async hold({ method, params, every = 100, channel = 'control-fast' }) {
    release();
    const say = () => send(channel, { jsonrpc: '2.0', method, params: { ...params, seq: (params.seq ?? 0) + ++seq } });
    say();
    holding = setInterval(say, every);
    return {};
  },
  async release() {
    release();
    return {};
  },
  async flood({ messages, rate, seconds, channel = 'control' }) {
    strays = [];
    const started = performance.now();
    let sent = 0;
    for (const end = started + seconds * 1000; performance.now() < end; await wait(1)) {
      for (const due = Math.floor(((performance.now() - started) / 1000) * rate); sent < due; sent++)
        send(channel, messages[sent % messages.length].replaceAll('{i}', String(sent + 1)));
    }

    return { sent, seconds: (performance.now() - started) / 1000, buffered: channels[channel].bufferedAmount(), answers: strays.length };
  },
  async heard() {
    const since = heard;
    heard = [];
    return { heard: since };
  },
  async video() {
    return {
      frames: receiver.frames, gaps: receiver.gaps, decoded: receiver.decoded, unread: receiver.unread, camera: receiver.camera, longestPauseMs: receiver.takeLongestPause(),
      sources: receiver.sources.size,
    };
  },
  async leave() {
    release();
    await signaling.close();
    connection.close();
    return {};
  },
};

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
say({ ok: true });
const under = new Set();
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const run = (async () => {
    try {
      say({ ok: true, of: command.of, ...(await commands[command.do](command)) });
    } catch (error) {
      say({ ok: false, of: command.of, error: error?.stack ?? String(error) });
    }
  })();
  under.add(run);
  run.finally(() => under.delete(run));
}

process.exit(0);
