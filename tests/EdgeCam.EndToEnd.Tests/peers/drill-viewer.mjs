// node drill-viewer.mjs: the page against a mock device that fails in all the ways it knows. Says what the viewer called each of them.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startChromium } from './browsers.mjs';
import { drive, progress, until, wait } from './support.mjs';

const device = spawn('node', [fileURLToPath(new URL('./mock-device.mjs', import.meta.url)), '--cameras', 'cam0,cam1', '--size', '640x360', '--rate', '15'], { stdio: ['pipe', 'pipe', 'pipe'] });
let heard = '';
device.stderr.on('data', (text) => { heard += text; });
process.on('exit', () => device.kill('SIGTERM'));

await drive(async () => {
  const { url } = await new Promise((resolve, reject) => {
    createInterface({ input: device.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    device.once('exit', () => reject(new Error(`the mock device ended\n${heard}`)));
  });
  const browser = await startChromium();
  try {
    const page = await (await browser.newContext({ acceptDownloads: true })).newPage();
    const problems = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.addInitScript(() => {
      globalThis.seen = [];
      addEventListener('statechange', ({ detail }) => globalThis.seen.push(detail), true);
    });
    const steps = {};
    /** Does something, waits until the viewer is in a state (again), and notes all states on the way. */
    const step = async (name, act, wanted) => {
      await page.evaluate(() => { globalThis.seen.length = 0; });
      await act();
      const reached = await until(() => page.evaluate((state) => globalThis.seen.some(({ name }) => name === state), wanted), 20_000);
      const seen = await page.evaluate(() => globalThis.seen.splice(0));
      steps[name] = { reached: reached !== null, names: seen.map((state) => state.name), details: seen.map((state) => state.detail) };
      progress(name, JSON.stringify(steps[name]));
    };
    const say = (command) => device.stdin.write(`${command}\n`);
    const link = (text) => page.evaluate((hash) => { location.hash = hash; }, text);

    await page.goto(url);
    await step('start', () => {}, 'live');
    await step('cameraLost', () => say('camera stop'), 'waiting-for-camera');
    await step('cameraBack', () => say('camera start'), 'live');
    await step('dropped', () => say('drop'), 'live');
    await step('rebooted', () => say('reboot'), 'live');
    await step('offline', () => { say('offline'); say('drop'); }, 'waiting-for-device');
    await step('online', () => say('online'), 'live');
    await step('refused', () => { say('refuse 403'); say('drop'); }, 'refused');
    await step('stopped', () => page.keyboard.press(' '), 'idle');
    await step('startedAgain', () => { say('accept'); return page.keyboard.press(' '); }, 'live');
    await step('unknownCamera', () => link('#device=mock-1&camera=nope'), 'refused');
    await step('otherCamera', () => link('#device=mock-1&camera=cam1'), 'live');
    const [download] = await Promise.all([page.waitForEvent('download', { timeout: 10_000 }), page.keyboard.press('s')]);
    await page.keyboard.press('i');
    await wait(1500);
    const statistics = await page.evaluate(() => document.querySelector('edgecam-viewer').shadowRoot.querySelector('.statistics').innerText);
    const choices = await page.evaluate(() => [...document.querySelectorAll('#chooser a')].map((entry) => entry.textContent));
    heard = '';
    await page.goto('about:blank');
    const bye = await until(() => /\bbye\b/.test(heard), 3000);
    return { browser: `Chromium ${browser.version()}`, steps, snapshot: download.suggestedFilename(), statistics, choices, bye: bye !== null, problems };
  } finally {
    await browser.close();
  }
});
