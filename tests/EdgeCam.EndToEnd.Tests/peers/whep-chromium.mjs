// node whep-chromium.mjs URL [--camera cam0] [--seconds N] [--setup active|passive]
// Watches by WHEP from a blank page of the same origin: POST the offer, PATCH the candidates, DELETE at the end.
import { startChromium } from './browsers.mjs';
import { probe, readerSource, report } from './frames.mjs';
import { drive, parseArguments, progress, settle, wait } from './support.mjs';

const options = parseArguments({ camera: 'cam0', seconds: 10, limit: 20, setup: '' });

async function openInPage({ camera, setup, limit }) {
  const steps = [];
  const request = async (method, url, headers = {}, body = undefined) => {
    const response = await fetch(url, { method, headers, body });
    steps.push(`${method} ${response.status}`);
    return response;
  };
  const video = document.body.appendChild(Object.assign(document.createElement('video'), { muted: true, autoplay: true, playsInline: true }));
  const playing = new Promise((resolve) => video.addEventListener('playing', resolve, { once: true })); // it may come before the last PATCH returns
  const pc = new RTCPeerConnection();
  pc.ontrack = ({ track }) => { video.srcObject = new MediaStream([track]); };
  pc.addTransceiver('video', { direction: 'recvonly' });
  const control = pc.createDataChannel('control', { protocol: 'edgecam.control.v1' });
  const deviceInfo = new Promise((resolve) => {
    control.onopen = () => control.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'device.info' }));
    control.onmessage = ({ data }) => resolve(JSON.parse(data));
    setTimeout(() => resolve(null), limit * 1000);
  });
  // Candidates wait for the session's address, then go in fragments as they come (RFC 8840).
  const early = [];
  let location = null;
  const patch = (lines) => {
    const part = (pattern) => pattern.exec(pc.localDescription.sdp)?.[0] ?? '';
    const fragment = [part(/a=ice-ufrag:.*/), part(/a=ice-pwd:.*/), part(/m=video.*/), 'a=mid:0', ...lines.map((line) => (line === '' ? 'a=end-of-candidates' : `a=${line}`)), ''].map((line) => line.trim()).join('\r\n');
    return request('PATCH', location, { 'content-type': 'application/trickle-ice-sdpfrag' }, fragment);
  };
  pc.onicecandidate = ({ candidate }) => {
    const line = candidate?.candidate ?? '';
    if (location === null) early.push(line);
    else void patch([line]);
  };
  await pc.setLocalDescription();
  const offer = pc.localDescription.sdp.replace(/a=candidate:.*\r\n/g, '');
  const answer = await request('POST', `/whep/${camera}`, { 'content-type': 'application/sdp' }, setup === '' ? offer : offer.replace(/a=setup:\w+/g, `a=setup:${setup}`));
  if (answer.status !== 201) throw new Error(`POST answered ${answer.status}: ${await answer.text()}`);
  await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  location = new URL(answer.headers.get('location'), document.baseURI).href;
  if (early.length > 0) await patch(early.splice(0));
  await Promise.race([playing, new Promise((_, reject) => setTimeout(() => reject(new Error(`no picture; ${pc.connectionState}, ${steps.join(', ')}`)), limit * 1000))]);
  globalThis.session = { pc, video, location, request, steps, type: answer.headers.get('content-type'), deviceInfo };
}

await drive(async () => {
  const browser = await startChromium();
  try {
    const page = await (await browser.newContext()).newPage();
    const blank = new URL('/blank-page-of-the-test', options._[0]).href;
    await page.route(blank, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>WHEP</title><body>' }));
    await page.goto(blank);
    await page.evaluate(openInPage, options);
    progress('playing');
    await page.evaluate(probe(readerSource()));
    await wait(settle);
    const before = await page.evaluate(async () => {
      globalThis.frameProbe.start(globalThis.session.video);
      const entry = [...(await globalThis.session.pc.getStats()).values()].find((s) => s.type === 'inbound-rtp');
      return { at: entry.timestamp, framesDecoded: entry.framesDecoded };
    });
    await wait(options.seconds * 1000);
    const found = await page.evaluate(() => globalThis.frameProbe.stop());
    const after = await page.evaluate(async () => {
      const { session } = globalThis;
      const report = await session.pc.getStats();
      const all = [...report.values()];
      const entry = all.find((s) => s.type === 'inbound-rtp');
      const transport = all.find((s) => s.type === 'transport');
      const info = await session.deviceInfo;
      const again = await session.request('PATCH', `${session.location}-unknown`, { 'content-type': 'application/trickle-ice-sdpfrag' }, '');
      await session.request('DELETE', session.location);
      session.pc.close();
      return {
        at: entry.timestamp, framesDecoded: entry.framesDecoded, width: entry.frameWidth, height: entry.frameHeight, codec: report.get(entry.codecId)?.sdpFmtpLine, packetsLost: entry.packetsLost,
        dtlsRole: transport.dtlsRole, srtp: transport.srtpCipher, deviceInfo: info?.result ?? null, steps: session.steps, answerType: session.type, unknownSession: again.status,
      };
    });
    const framesPerSecond = Number((((after.framesDecoded - before.framesDecoded) * 1000) / (after.at - before.at)).toFixed(2));
    return { browser: `Chromium ${browser.version()}`, seconds: options.seconds, ...after, at: undefined, framesPerSecond, ...report(found) };
  } finally {
    await browser.close();
  }
});
