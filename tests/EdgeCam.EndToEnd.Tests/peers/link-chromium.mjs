// node link-chromium.mjs LINK VIEW-LINK [--limit N]: the page of a real device that lets in by links: with a good one, with one that only watches,
// without any, and with somebody in the middle who puts another fingerprint into the answer; from this machine, and from a page under a name
// that is no secure context, where the browser lends no cryptography.
import { connect, createServer } from 'node:net';
import { startChromium } from './browsers.mjs';
import { drive, parseArguments, progress, until, wait } from './support.mjs';

const options = parseArguments({ limit: 20 });
const [link, viewLink] = options._;
const { hostname, port } = new URL(link);

/** Stands between browser and device, broker's WebSocket included, and changes what `spoil` finds in what the device says; never its length. */
function startMiddle() {
  const middle = { swapped: 0, spoil: false };
  const server = createServer((client) => {
    const device = connect(Number(port), hostname);
    client.pipe(device);
    device.on('data', (chunk) => {
      const at = middle.spoil ? chunk.indexOf('a=fingerprint:sha-256 ') : -1;
      if (at >= 0 && at + 24 < chunk.length) {
        const digit = at + 'a=fingerprint:sha-256 '.length;
        chunk[digit] = chunk[digit] === 0x41 ? 0x42 : 0x41; // A to B, or any to A
        middle.swapped++;
      }

      client.write(chunk);
    });
    device.on('end', () => client.end());
    for (const [one, other] of [[client, device], [device, client]]) one.on('error', () => other.destroy());
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(Object.assign(middle, { port: server.address().port, close: () => server.close() }))));
}

async function visit(browser, url, wanted) {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.addInitScript(() => {
    globalThis.seen = [];
    addEventListener('statechange', ({ detail }) => globalThis.seen.push(detail), true);
  });
  await page.goto(url);
  const reached = await until(() => page.evaluate((state) => globalThis.seen.some(({ name }) => name === state), wanted), options.limit * 1000);
  await wait(700);
  const found = await page.evaluate(async () => {
    const viewer = document.querySelector('edgecam-viewer');
    const ask = (method, params) => viewer.request(method, params).catch((error) => ({ code: error.code, message: error.message, data: error.data }));
    const live = viewer.state.name === 'live';
    const controls = document.querySelector('edgecam-controls')?.shadowRoot;
    return {
      state: viewer.state, isSecure: isSecureContext, hasSubtle: crypto.subtle !== undefined, address: location.hash,
      access: live ? await ask('session.access') : null, move: live ? await ask('ptz.continuousMove', { pan: 0.2 }) : null,
      hindrance: controls?.querySelector('.hindrance:not([hidden])')?.textContent ?? null,
    };
  });
  await page.context().close();
  progress(JSON.stringify(found));
  return { reached: reached === true, ...found };
}

await drive(async () => {
  const browser = await startChromium(['--host-resolver-rules=MAP edgecam.test 127.0.0.1']);
  const middle = await startMiddle();
  const through = (address, host) => address.replace(`${hostname}:${port}`, `${host}:${middle.port}`);
  try {
    const good = await visit(browser, link, 'live');
    const view = await visit(browser, viewLink, 'live');
    const none = await visit(browser, new URL('/', link).href, 'refused');
    const honest = await visit(browser, through(link, 'edgecam.test'), 'live');
    middle.spoil = true;
    const swapped = await visit(browser, through(link, '127.0.0.1'), 'refused');
    const swappedInsecure = await visit(browser, through(link, 'edgecam.test'), 'refused');
    return { browser: `Chromium ${browser.version()}`, good, view, none, honest, swapped, swappedInsecure, swaps: middle.swapped };
  } finally {
    middle.close();
    await browser.close();
  }
});
