// node drill-controls.mjs [--shots FOLDER]: the page's controls against a mock device with a head and lines, by mouse, touch and keys.
// Says what the device heard at each step, and what the page showed.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startChromium } from './browsers.mjs';
import { drive, parseArguments, progress, until, wait } from './support.mjs';

const options = parseArguments({ shots: '' });
const device = spawn('node', [fileURLToPath(new URL('./mock-device.mjs', import.meta.url)), '--controls', '--size', '640x360', '--rate', '15'], { stdio: ['pipe', 'pipe', 'pipe'] });
let log = '';
device.stderr.on('data', (text) => { log += text; });
process.on('exit', () => device.kill('SIGTERM'));
const lines = createInterface({ input: device.stdout })[Symbol.asyncIterator]();
const say = (command) => device.stdin.write(`${command}\n`);

/** What head and lines have heard since the last time. */
async function hear() {
  say('heard');
  return JSON.parse((await lines.next()).value);
}

/** Of the head: how often each thing was said, the silences between moves, and whether the numbers rise; of two channels one may overtake the other. */
function summarise({ head }) {
  const steered = head.filter(({ method }) => /continuousMove|stop|absoluteMove/.test(method));
  const moves = head.filter(({ method, params }) => method === 'ptz.continuousMove' && Object.values({ ...params, seq: 0, camera: 0 }).some((value) => value !== 0));
  const numbersOf = (name) => steered.filter(({ channel }) => channel === name).map(({ params }) => params.seq);
  const rise = (numbers) => numbers.slice(1).every((number, i) => number > numbers[i]);
  return {
    moves: moves.length, fast: moves.every(({ channel }) => channel === 'control-fast'),
    gaps: moves.slice(1).map(({ at }, i) => at - moves[i].at), last: moves.at(-1)?.params ?? null,
    stops: head.filter(({ method, channel }) => method === 'ptz.stop' && channel === 'control').length,
    zeros: steered.length - moves.length - head.filter(({ method }) => method === 'ptz.stop' || method === 'ptz.absoluteMove').length,
    rises: rise(numbersOf('control')) && rise(numbersOf('control-fast')) && new Set(steered.map(({ params }) => params.seq)).size === steered.length, said: head.map(({ method }) => method),
    alive: head.filter(({ method }) => method === 'ptz.alive').length,
  };
}

async function open(browser, url, context) {
  const page = await (await browser.newContext(context)).newPage();
  const problems = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(url);
  const shown = await until(() => page.evaluate(() => document.querySelector('edgecam-viewer')?.state.name === 'live' && !document.querySelector('edgecam-controls').hasAttribute('data-empty')), 20_000);
  if (!shown) throw new Error('the controls did not show');
  await wait(800);
  return { page, problems, controls: page.locator('edgecam-controls') };
}

async function middleOf(locator) {
  const box = await locator.boundingBox();
  return [box.x + box.width / 2, box.y + box.height / 2, box.width / 2];
}

async function byMouseAndKeys(browser, url) {
  const { page, problems, controls } = await open(browser, url, { viewport: { width: 1280, height: 800 } });
  const shot = async (name) => { if (options.shots !== '') await page.screenshot({ path: `${options.shots}/${name}.png` }); };
  const steps = {};
  const text = (selector) => controls.locator(selector).first().innerText();
  const asked = (await hear());
  steps.asked = [...asked.head, ...asked.lines].map(({ method }) => method);
  await shot('wide');

  const [x, y, radius] = await middleOf(controls.locator('.joystick'));
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + radius, y - radius / 2, { steps: 8 });
  await wait(700);
  steps.holder = await text('.holder');
  await shot('wide-stick');
  await page.mouse.up();
  await wait(200);
  steps.stick = summarise(await hear());

  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - radius, y);
  await wait(250);
  await page.evaluate(() => dispatchEvent(new Event('blur')));
  await wait(400);
  steps.blur = summarise(await hear());
  await page.mouse.up();

  await page.locator('edgecam-viewer').locator('.stage').focus();
  await page.keyboard.down('ArrowLeft');
  await wait(400);
  await page.keyboard.up('ArrowLeft');
  await wait(150);
  steps.keys = summarise(await hear());

  await controls.locator('.add').click();
  await controls.locator('.preset-form input').fill('');
  await page.keyboard.type('Gate 1-2.'); // digits and stops are text here
  steps.typed = summarise(await hear());
  await page.keyboard.press('Enter');
  await until(async () => (await controls.locator('.preset img').count()) === 1, 3000);
  const kept = (await hear()).head.find(({ method }) => method === 'ptz.setPreset')?.params;
  steps.kept = { name: kept?.name, jpeg: kept?.thumbnail?.startsWith('/9j/') ?? false, length: kept?.thumbnail?.length ?? 0, shown: await controls.locator('.preset img').count() };

  await controls.locator('.joystick').click(); // the focus is on the stick
  await page.keyboard.press('Home');
  await wait(700);
  await page.keyboard.press('1');
  await wait(900);
  steps.preset = summarise(await hear());

  await controls.locator('.stop').first().click();
  steps.stop = summarise(await hear());

  say('head {"holder":{"name":"Bob","canTake":true}}');
  await until(() => controls.locator('.take').isVisible(), 2000);
  steps.held = await text('.hindrance');
  await page.keyboard.press('ArrowLeft');
  steps.heldMoves = summarise(await hear()).moves;
  await controls.locator('.take').click();
  await until(async () => !(await controls.locator('.hindrance').isVisible()), 2000);
  steps.taken = await text('.holder');
  say('head {"state":"fault","fault":"the head does not answer","remedy":"check its cable"}');
  await until(() => controls.locator('.hindrance').isVisible(), 2000);
  steps.fault = await text('.hindrance');
  await shot('wide-fault');
  say('head {"state":"ready","fault":null,"remedy":null,"holder":null}');

  say('lag 400');
  const light = controls.locator('.output').first();
  await light.locator('.switch').click();
  await wait(150);
  const whilePending = [await light.locator('.switch').getAttribute('aria-checked'), await light.locator('.switch').getAttribute('aria-busy')];
  await until(async () => (await light.locator('.switch').getAttribute('aria-busy')) === null, 2000);
  steps.light = { whilePending, after: await light.locator('.switch').getAttribute('aria-checked') };
  say('lag 0');
  await controls.locator('.output').nth(1).locator('.pulse').click();
  await controls.locator('.output').nth(1).locator('.choices button').nth(2).click();
  await wait(400);
  steps.pulse = await controls.locator('.output').nth(1).locator('.detail').innerText();
  await controls.locator('.output').nth(2).locator('.switch').click();
  await wait(300);
  steps.interlock = await controls.locator('.output').nth(2).locator('.refusal').innerText();
  await shot('wide-lines');
  say('input motion 1');
  await wait(300);
  steps.input = await controls.locator('.input').nth(1).innerText();

  await hear();
  say('scopes view');
  say('drop');
  await until(async () => /scope/.test((await controls.locator('.hindrance').allInnerTexts()).join()), 15_000);
  await wait(500);
  const again = await hear();
  steps.again = [...again.head, ...again.lines].map(({ method }) => method);
  steps.scope = [await text('.hindrance'), await text('.note')];
  steps.switchable = await controls.locator('.switch:enabled').count();
  say('scopes view ptz gpio');
  say('drop');
  await until(async () => !(await controls.locator('.hindrance').isVisible()), 15_000);
  await wait(500);

  await controls.locator('.joystick').scrollIntoViewIfNeeded();
  const [left, top] = await middleOf(controls.locator('.joystick'));
  await page.mouse.move(left, top);
  await page.mouse.down();
  await page.mouse.move(left + radius, top);
  await wait(300);
  steps.leaving = summarise(await hear()).moves;
  await page.goto('about:blank');
  await wait(300);
  steps.left = summarise(await hear());
  await page.context().close();
  return { steps, problems };
}

/** A thumb on a phone: the stick moves the head and not the page. */
async function byTouch(browser, url) {
  const { page, problems, controls } = await open(browser, url, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
  const shot = async (name) => { if (options.shots !== '') await page.screenshot({ path: `${options.shots}/${name}.png` }); };
  await hear();
  await shot('phone');
  const [x, y, radius] = await middleOf(controls.locator('.joystick'));
  const cdp = await page.context().newCDPSession(page);
  const touch = (type, ...points) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([px, py]) => ({ x: px, y: py })) });
  await touch('touchStart', [x, y]);
  for (let i = 1; i <= 10; i++) {
    await touch('touchMove', [x, y - (radius * 2 * i) / 10]);
    await wait(20);
  }

  await wait(300);
  await shot('phone-stick');
  await touch('touchEnd');
  await wait(200);
  const stick = summarise(await hear());
  const scrolled = await page.evaluate(() => scrollY);
  await touch('touchStart', [x, y]);
  await touch('touchMove', [x - radius, y]);
  await wait(250);
  await touch('touchCancel');
  await wait(200);
  const cancelled = summarise(await hear());
  const size = radius * 2;
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await page.context().close();
  return { stick, cancelled, scrolled, size, overflow, problems };
}

await drive(async () => {
  const first = await Promise.race([lines.next(), new Promise((_, reject) => device.once('exit', () => reject(new Error(`the mock device ended\n${log}`))))]);
  const { url } = JSON.parse(first.value);
  const browser = await startChromium();
  try {
    const wide = await byMouseAndKeys(browser, url);
    progress(JSON.stringify(wide));
    const phone = await byTouch(browser, url);
    return { browser: `Chromium ${browser.version()}`, ...wide, phone };
  } finally {
    await browser.close();
  }
});
