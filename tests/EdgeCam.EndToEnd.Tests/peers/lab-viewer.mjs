// node lab-viewer.mjs: one Chromium that a test leads by the hand. A command is a line of JSON on stdin, its answer one on stdout:
//   {"do":"open","url":U,"limit":S}   a new page; answers when it is live, or says after S seconds what the page said
//   {"do":"record"}                   from now on: every frame and, four times a second, the connection's statistics
//   {"do":"read"}                     what was recorded since, and what the page went through
//   {"do":"close"}                    leaves the page, as a person does
import { createInterface } from 'node:readline';
import { startChromium } from './browsers.mjs';
import { probe, readerSource } from './frames.mjs';
import { parseArguments, progress, until } from './support.mjs';

const options = parseArguments({ home: '' });
if (options.home !== '') process.env.HOME = options.home;

/** In the page, before its own scripts: keeps its peer connections and all that the viewer says. */
const listen = () => {
  globalThis.peers = [];
  const Original = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(...rest) {
      super(...rest);
      globalThis.peers.push(this);
    }
  };
  globalThis.seenStates = [];
  addEventListener('statechange', ({ detail }) => globalThis.seenStates.push({ at: Date.now(), name: detail.name, detail: detail.detail }), true);
};

/** In the page: statistics of the newest connection, as the browser measures them. */
const sample = `globalThis.samples = []; globalThis.sampling = setInterval(async () => {
  const peer = peers[peers.length - 1];
  if (!peer || peer.signalingState === 'closed') return;
  const report = await peer.getStats(), entry = { at: Date.now(), peer: peers.length, state: peer.connectionState, ice: peer.iceConnectionState };
  for (const stats of report.values()) {
    if (stats.type === 'inbound-rtp' && stats.kind === 'video')
      Object.assign(entry, { bytes: stats.bytesReceived + stats.headerBytesReceived, packets: stats.packetsReceived, lost: stats.packetsLost, decoded: stats.framesDecoded, dropped: stats.framesDropped,
        keyFrames: stats.keyFramesDecoded, width: stats.frameWidth, freezes: stats.freezeCount, frozen: stats.totalFreezesDuration, nacks: stats.nackCount, plis: stats.pliCount,
        buffered: stats.jitterBufferDelay, emitted: stats.jitterBufferEmittedCount, rtxBytes: stats.retransmittedBytesReceived ?? 0 });
    if (stats.type === 'transport') {
      const pair = report.get(stats.selectedCandidatePairId);
      if (pair) Object.assign(entry, { rtt: pair.currentRoundTripTime, transportBytes: stats.bytesReceived, ...describe(report, pair) });
    }
  }
  samples.push(entry);
}, 250);
function describe(report, pair) {
  const local = report.get(pair.localCandidateId), remote = report.get(pair.remoteCandidateId);
  return { path: (local?.candidateType ?? '?') + (local?.relayProtocol ? '/' + local.relayProtocol : '') + '-' + (remote?.candidateType ?? '?'), local: local?.address, remote: remote?.address };
}
undefined;`;

const browser = await startChromium();
let page = null;
let problems = [];

const commands = {
  async open({ url, limit = 20 }) {
    problems = [];
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    page.on('console', (message) => (message.type() === 'error' || message.type() === 'warn') && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.addInitScript(listen);
    const opened = Date.now();
    await page.goto(url);
    const live = await until(() => page.evaluate(() => globalThis.seenStates.some(({ name }) => name === 'live')), limit * 1000);
    const states = await page.evaluate(() => globalThis.seenStates);
    const device = !live ? null : await until(() => page.evaluate(() => document.querySelector('edgecam-viewer').deviceInfo ?? null), 5000);
    await page.evaluate(sample);
    const path = !live ? null : await until(() => page.evaluate(() => globalThis.samples.find((entry) => entry.path)?.path), 3000);
    return { live: live === true, afterMs: live ? states.find(({ name }) => name === 'live').at - opened : Date.now() - opened, states, path, device: device?.id ?? null, problems };
  },
  async record() {
    await page.evaluate(probe(readerSource()));
    await page.evaluate(() => { globalThis.samples.length = 0; globalThis.frameProbe.start(document.querySelector('edgecam-viewer').video); });
    return {};
  },
  async read() {
    const read = await page.evaluate(() => ({
      codes: globalThis.frameProbe?.found.codes ?? [], unread: globalThis.frameProbe?.found.unread ?? 0, samples: globalThis.samples, states: globalThis.seenStates, peers: globalThis.peers.length,
    }));
    return { ...read, problems };
  },
  async close() {
    await page.goto('about:blank');
    await page.context().close();
    page = null;
    return {};
  },
};

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
say({ ok: true, browser: `Chromium ${browser.version()}` });
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  progress(line);
  try {
    say({ ok: true, ...(await commands[command.do](command)) });
  } catch (error) {
    say({ ok: false, error: error?.stack ?? String(error) });
  }
}

await browser.close();
process.exit(0);
