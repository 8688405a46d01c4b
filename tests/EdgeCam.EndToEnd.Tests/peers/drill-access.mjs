// node drill-access.mjs: the page against a mock device that lets viewers in by links, once with a secure context and once, under a name
// that is not this machine's, without. Says what the viewer called each thing that may be wrong with a link, or with an answer.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startChromium } from './browsers.mjs';
import { createKey, createLink } from './mock-access.mjs';
import { drive, progress, until, wait } from './support.mjs';

const device = spawn('node', [fileURLToPath(new URL('./mock-device.mjs', import.meta.url)), '--access', 'tokens', '--size', '640x360', '--rate', '15'], { stdio: ['pipe', 'pipe', 'pipe'] });
let heard = '';
device.stderr.on('data', (text) => { heard += text; });
process.on('exit', () => device.kill('SIGTERM'));

/** A visitor's tab, and what the viewer in it said. */
async function visit(browser, url, issuer) {
  const page = await (await browser.newContext()).newPage();
  const steps = {};
  const problems = [];
  const fetched = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  await page.addInitScript(() => {
    globalThis.seen = [];
    addEventListener('statechange', ({ detail }) => globalThis.seen.push(detail), true);
  });
  const say = (command) => device.stdin.write(`${command}\n`);
  const fragment = (members) => `#${new URLSearchParams({ device: 'mock-1', ...members })}`;
  /** Does something, waits for a state, and notes the last words, what the device heard, and what the address bar shows. */
  const step = async (name, act, wanted, also = () => true) => {
    heard = '';
    await page.evaluate(() => { globalThis.seen = []; });
    await act();
    const reached = await until(() => page.evaluate((state) => globalThis.seen?.some(({ name }) => name === state), wanted), 20_000);
    const done = await until(also, 5000);
    const states = await page.evaluate(() => globalThis.seen);
    steps[name] = {
      reached: reached !== null && done !== null, detail: states.at(-1)?.detail ?? '', states: states.map((state) => state.name),
      hello: /\bhello\b/.test(heard), greeted: /hello proven/.test(heard), proven: /offer proven/.test(heard), address: await page.evaluate(() => location.hash),
    };
    progress(name, JSON.stringify(steps[name]));
  };
  /** Another document: what was kept of the last one is that tab's. */
  const open = (members) => async () => {
    await page.goto('about:blank');
    await page.goto(`${url}${fragment(members)}`);
  };
  const statistics = async () => {
    await page.keyboard.press('i');
    await wait(2500);
    const lines = await page.evaluate(() => document.querySelector('edgecam-viewer').shadowRoot.querySelector('.statistics').innerText);
    await page.keyboard.press('i');
    return lines;
  };

  const link = createLink(issuer, 'mock-1');
  await step('noLink', () => page.goto(url), 'refused');
  await step('link', () => page.evaluate((hash) => { location.hash = hash; }, fragment(link)), 'live');
  const verified = await statistics();
  await step('reload', () => page.reload(), 'live');
  // A renewal leaves the session as it is: no state changes.
  heard = '';
  await page.evaluate(() => { globalThis.seen = []; });
  const fresh = createLink(issuer, 'mock-1');
  await page.evaluate((hash) => { location.hash = hash; }, fragment(fresh));
  const renewed = await until(() => /renewal proven/.test(heard), 5000);
  await wait(1000);
  const renewal = { renewed: renewed !== null, states: await page.evaluate(() => globalThis.seen.map(({ name }) => name)), hello: /\bhello\b/.test(heard) };
  progress('renewal', JSON.stringify(renewal));
  await step('expires', () => say('expire'), 'refused');
  await step('expired', open(createLink(issuer, 'mock-1', { seconds: -60 })), 'refused');
  await step('another', open(createLink(issuer, 'mock-1')), 'live');
  await step('revoked', () => say('end revoked'), 'refused');
  for (const tamper of ['fingerprint', 'second', 'key', 'unsigned']) {
    say(`tamper ${tamper}`);
    await step(tamper, open(createLink(issuer, 'mock-1')), 'refused');
  }

  say('tamper off');
  await step('foreignKey', open({ ...link, key: fresh.key }), 'refused');
  await step('foreignToken', open({ ...createLink(createKey(), 'mock-1'), identity: link.identity }), 'refused');
  await step('noIdentity', open({ token: link.token, key: link.key }), 'refused');
  // Settings that do not come, and then name no broker: the address bar waits for neither.
  let answer = () => {};
  await page.route('**/viewer.json', async (route) => {
    await new Promise((resolve) => { answer = resolve; });
    await route.fulfill({ json: { broker: null } });
  });
  await open(link)();
  const scrubbed = await until(async () => !(await page.evaluate(() => location.hash)).includes('token'), 3000);
  answer();
  const brokerless = await until(() => page.evaluate(() => document.body.innerText.includes('without a broker')), 3000);
  const early = { scrubbed: scrubbed !== null, brokerless: brokerless !== null, address: await page.evaluate(() => location.hash) };
  progress('early', JSON.stringify(early));
  const context = await page.evaluate(() => ({ isSecure: isSecureContext, hasSubtle: crypto.subtle !== undefined }));
  await page.context().close();
  return { ...context, library: fetched.filter((path) => path.endsWith('/edgecam-p256.js')).length > 0, steps, renewal, verified, early, problems };
}

await drive(async () => {
  const { url, issuer } = await new Promise((resolve, reject) => {
    createInterface({ input: device.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    device.once('exit', () => reject(new Error(`the mock device ended\n${heard}`)));
  });
  const browser = await startChromium(['--host-resolver-rules=MAP edgecam.test 127.0.0.1']);
  try {
    const secure = await visit(browser, url, issuer);
    const insecure = await visit(browser, url.replace('127.0.0.1', 'edgecam.test'), issuer);
    return { browser: `Chromium ${browser.version()}`, secure, insecure };
  } finally {
    await browser.close();
  }
});
