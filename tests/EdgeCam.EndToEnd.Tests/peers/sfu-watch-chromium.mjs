// node sfu-watch-chromium.mjs --ws ws://127.0.0.1:N [--seconds N]
// Watches, in Chromium, what somebody publishes to the room of sfu-janus.mjs, and reads the frame numbers in it.
import { startChromium } from './browsers.mjs';
import { probe, readerSource, report } from './frames.mjs';
import { drive, parseArguments, progress, wait } from './support.mjs';

const options = parseArguments({ ws: '', seconds: 10, limit: 25 });

/** Janus' JSON by WebSocket: a session, the VideoRoom, the room's first publisher. */
async function subscribeInPage({ ws, limit }) {
  const socket = new WebSocket(ws, 'janus-protocol');
  await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = () => reject(new Error('no Janus')); });
  const waiting = new Map();
  let next = 1;
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.janus !== 'ack') waiting.get(message.transaction)?.(message);
  };
  const ask = (message) => new Promise((resolve) => {
    const transaction = `t${next++}`;
    waiting.set(transaction, resolve);
    socket.send(JSON.stringify({ transaction, ...message }));
  });
  const session_id = (await ask({ janus: 'create' })).data.id;
  setInterval(() => void ask({ janus: 'keepalive', session_id }), 10000);
  const handle_id = (await ask({ janus: 'attach', session_id, plugin: 'janus.plugin.videoroom' })).data.id;
  const room = 1234;
  const end = performance.now() + (limit * 1000);
  let feed;
  while (feed === undefined) {
    const list = await ask({ janus: 'message', session_id, handle_id, body: { request: 'listparticipants', room } });
    feed = list.plugindata.data.participants.find(({ publisher }) => publisher)?.id;
    if (feed === undefined && performance.now() > end) throw new Error('nobody publishes');
    if (feed === undefined) await new Promise((resolve) => setTimeout(resolve, 200));
  }

  const offer = await ask({ janus: 'message', session_id, handle_id, body: { request: 'join', ptype: 'subscriber', room, streams: [{ feed }] } });
  if (!offer.jsep) throw new Error(`no offer: ${JSON.stringify(offer.plugindata?.data)}`);
  const video = document.body.appendChild(Object.assign(document.createElement('video'), { muted: true, autoplay: true, playsInline: true }));
  const playing = new Promise((resolve) => video.addEventListener('playing', resolve, { once: true }));
  const pc = new RTCPeerConnection();
  pc.ontrack = ({ track }) => { video.srcObject = new MediaStream([track]); };
  pc.onicecandidate = ({ candidate }) => void ask({ janus: 'trickle', session_id, handle_id, candidate: candidate ?? { completed: true } });
  await pc.setRemoteDescription(offer.jsep);
  await pc.setLocalDescription();
  void ask({ janus: 'message', session_id, handle_id, body: { request: 'start', room }, jsep: pc.localDescription });
  await Promise.race([playing, new Promise((_, reject) => setTimeout(() => reject(new Error(`no picture; ${pc.connectionState}`)), limit * 1000))]);
  globalThis.session = { pc, video };
}

await drive(async () => {
  const browser = await startChromium(['--disable-features=LocalNetworkAccessChecks']); // the page is nobody's, Janus is on loopback
  try {
    const page = await (await browser.newContext()).newPage();
    const blank = 'http://localhost/blank-page-of-the-test';
    await page.route(blank, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>SFU</title><body>' }));
    await page.goto(blank);
    await page.evaluate(subscribeInPage, options);
    progress('playing');
    await page.evaluate(probe(readerSource()));
    await wait(500);
    await page.evaluate(() => globalThis.frameProbe.start(globalThis.session.video));
    await wait(options.seconds * 1000);
    const found = await page.evaluate(() => globalThis.frameProbe.stop());
    const { width, height, framesDecoded, codec } = await page.evaluate(async () => {
      const all = await globalThis.session.pc.getStats();
      const entry = [...all.values()].find((s) => s.type === 'inbound-rtp');
      return { width: entry.frameWidth, height: entry.frameHeight, framesDecoded: entry.framesDecoded, codec: all.get(entry.codecId)?.sdpFmtpLine };
    });
    return { browser: `Chromium ${browser.version()}`, seconds: options.seconds, width, height, framesDecoded, codec, ...report(found) };
  } finally {
    await browser.close();
  }
});
