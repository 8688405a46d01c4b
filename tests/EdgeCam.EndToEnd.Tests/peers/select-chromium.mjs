// node select-chromium.mjs URL [--cameras cam0,cam1] [--times N] [--pace MILLISECONDS] [--limit N] [--screenshot FILE] [--phone FILE] [--quality]
// Somebody who goes from camera to camera in the page's chooser, by mouse and by key, and looks whose picture comes, on which connection.
import { cameraOf } from './frame-code.mjs';
import { startChromium } from './browsers.mjs';
import { probe, readerSource } from './frames.mjs';
import { drive, parseArguments, progress, settle, until, wait } from './support.mjs';

const options = parseArguments({ cameras: 'cam0,cam1', times: 10, pace: 0, limit: 20, screenshot: '', phone: '', quality: false });
const cameras = options.cameras.split(',');

const record = () => {
  globalThis.seenStates = [];
  addEventListener('statechange', ({ detail }) => globalThis.seenStates.push({ name: detail.name, detail: detail.detail }), true);
  globalThis.negotiated = { connections: 0, offers: 0 };
  const Own = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Own {
    constructor(...given) {
      super(...given);
      globalThis.negotiated.connections++;
    }

    setLocalDescription(...given) {
      globalThis.negotiated.offers++;
      return super.setLocalDescription(...given);
    }
  };
};

await drive(async () => {
  const browser = await startChromium();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.addInitScript(record);
    await page.goto(options._[0]);
    const live = await until(() => page.evaluate(() => globalThis.seenStates.some(({ name }) => name === 'live')), options.limit * 1000);
    if (!live) throw Object.assign(new Error('the page did not go live'), { result: { states: await page.evaluate(() => globalThis.seenStates), problems } });
    await page.evaluate(probe(readerSource()));
    await wait(settle);
    await page.evaluate(() => globalThis.frameProbe.start(document.querySelector('edgecam-viewer').video));
    await wait(500);

    const switches = [];
    let at = cameras.indexOf(await page.evaluate(() => document.querySelector('edgecam-viewer').cameraName));
    for (let i = 0; i < options.times; i++) {
      at = (at + 1) % cameras.length;
      const [name, code] = [cameras[at], cameraOf(cameras[at])];
      const began = Date.now();
      if (i % 3 === 2) await page.keyboard.press('c');
      else await page.locator('#chooser a', { hasText: name }).click();
      const first = await until(() => page.evaluate(([camera, from]) => globalThis.frameProbe.found.codes.find((c) => c[0] >= from && c[3] === camera)?.[0] ?? 0, [code, began]), 8000, 20);
      await wait(Math.max(300 + Math.random() * 400, options.pace - (Date.now() - began)));
      const seen = await page.evaluate(() => {
        const viewer = document.querySelector('edgecam-viewer');
        return { camera: viewer.cameraName, chosen: document.querySelector('#chooser [aria-current=true]')?.textContent, address: location.hash, note: viewer.shadowRoot.querySelector('.note').textContent };
      });
      const strays = first === null ? 0 : await page.evaluate(([camera, from]) => globalThis.frameProbe.found.codes.filter((c) => c[0] > from && c[3] !== camera).length, [code, first]);
      switches.push({ name, ms: first === null ? null : first - began, strays, ...seen });
      progress('to', name, first === null ? 'not seen' : `${first - began} ms`, strays);
      if (first === null) break;
    }

    const qualities = [];
    for (const [key, smaller] of options.quality ? [['low', true], ['high', false], ['auto', false]] : []) {
      const before = await page.evaluate(() => document.querySelector('edgecam-viewer').video.videoWidth);
      for (let i = 0; i < 3 && (await page.evaluate(() => document.querySelector('edgecam-viewer').quality)) !== key; i++) await page.keyboard.press('q');
      const width = await until(() => page.evaluate(([than, small]) => {
        const { videoWidth } = document.querySelector('edgecam-viewer').video;
        return (small ? videoWidth < than : videoWidth >= than) && videoWidth;
      }, [before, smaller]), 8000);
      const spoken = await page.evaluate(() => document.querySelector('edgecam-viewer').shadowRoot.querySelector('.spoken').textContent);
      qualities.push({ key, before, width, spoken });
      progress('quality', key, before, width);
      await wait(500);
    }

    const found = await page.evaluate(() => globalThis.frameProbe.stop());
    if (options.screenshot) await page.screenshot({ path: options.screenshot });
    if (options.phone) {
      await page.setViewportSize({ width: 390, height: 844 });
      await wait(700);
      await page.screenshot({ path: options.phone });
    }

    const negotiated = await page.evaluate(() => globalThis.negotiated);
    const states = await page.evaluate(() => globalThis.seenStates);
    return { browser: `Chromium ${browser.version()}`, switches, qualities, ...negotiated, states, frames: found.frames, unread: found.unread, by: found.by, longestPauseMs: Math.round(found.longestPause), problems };
  } finally {
    await browser.close();
  }
});
