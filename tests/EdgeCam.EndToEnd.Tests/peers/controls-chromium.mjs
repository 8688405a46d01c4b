// node controls-chromium.mjs URL --head SOCKET --chip SOCKET [--screenshots FOLDER] [--closes N]
// What a person does at the page's controls: drags the joystick, uses keys, presets, the zoom slider and the switches, and closes the tab while
// the head turns; and whether the picture shows it. The simulated hardware is asked what it really did.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { startChromium } from './browsers.mjs';
import { firstMoved, motionProbe, sum } from './motion.mjs';
import { drive, parseArguments, progress, until, wait } from './support.mjs';

const options = parseArguments({ head: '', chip: '', screenshots: '', closes: 2, limit: 20 });

/** A word to a control socket, and its answer. */
const ask = (path, word) => new Promise((resolve, reject) => {
  const socket = connect(path);
  socket.on('error', reject);
  createInterface({ input: socket }).once('line', (line) => {
    socket.destroy();
    resolve(JSON.parse(line));
  });
  socket.write(`${word}\n`);
});
const head = () => ask(options.head, 'state');
const isStanding = ({ panSpeed, tiltSpeed, zoomSpeed }) => panSpeed === 0 && tiltSpeed === 0 && Math.abs(zoomSpeed) < 1e-6;
const standing = () => until(async () => isStanding(await head()), 6000, 5);
const need = (condition, words) => {
  if (!condition) throw new Error(words);
};

async function open(browser, size, more = {}) {
  const context = await browser.newContext({ viewport: size, ...more });
  const page = await context.newPage();
  const problems = [];
  page.on('console', (message) => (message.type() === 'error' || message.type() === 'warn') && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(options._[0]);
  need(await until(() => page.evaluate(() => document.querySelector('edgecam-viewer')?.state.name === 'live'), options.limit * 1000), `the page did not go live: ${JSON.stringify(await page.evaluate(() => document.querySelector('edgecam-viewer')?.state))}`);
  need(await until(() => page.locator('edgecam-controls .joystick').isVisible(), 5000), 'there is no joystick');
  return { page, problems };
}

async function middle(locator) {
  const { x, y, width, height } = await locator.boundingBox();
  return { x: x + width / 2, y: y + height / 2, radius: width / 2 };
}

/** Drags the stick one way for a while and lets go. */
async function drag(page, [x, y], hold) {
  const stick = await middle(page.locator('edgecam-controls .joystick'));
  await page.evaluate(() => globalThis.motionProbe.read());
  await wait(1000);
  const resting = await page.evaluate(() => globalThis.motionProbe.read());
  await page.evaluate(() => { globalThis.gestureAt = 0; addEventListener('pointermove', () => { globalThis.gestureAt = performance.now(); }, { once: true, capture: true }); });
  await page.mouse.move(stick.x, stick.y);
  await page.evaluate(() => { globalThis.gestureAt = 0; addEventListener('pointermove', () => { globalThis.gestureAt = performance.now(); }, { once: true, capture: true }); });
  await page.mouse.down();
  await page.mouse.move(stick.x + x * stick.radius * 0.9, stick.y - y * stick.radius * 0.9);
  await wait(hold);
  const turning = await head();
  await page.mouse.up();
  const released = performance.now();
  await standing();
  const stoodAfter = performance.now() - released;
  const moving = await page.evaluate(() => globalThis.motionProbe.read());
  const gestureAt = await page.evaluate(() => globalThis.gestureAt);
  await wait(700);
  await page.evaluate(() => globalThis.motionProbe.read());
  await wait(600);
  const after = await page.evaluate(() => globalThis.motionProbe.read());
  const first = firstMoved(resting, moving.filter(({ at }) => at >= gestureAt));
  return { turning: { pan: turning.panSpeed, tilt: turning.tiltSpeed }, ...sum(moving), latency: first === null ? null : first.at - gestureAt, stoodAfter, stillMoves: after.filter(({ dx, dy }) => dx !== 0 || dy !== 0).length > after.length / 5, frames: moving.length };
}

await drive(async () => {
  const browser = await startChromium();
  try {
    const { page, problems } = await open(browser, { width: 1280, height: 800 });
    await page.evaluate(motionProbe);
    await page.evaluate(() => globalThis.motionProbe.start(document.querySelector('edgecam-viewer').video));
    const directions = {};
    for (const [name, way] of [['right', [1, 0]], ['left', [-1, 0]], ['up', [0, 1]], ['down', [0, -1]]]) {
      directions[name] = await drag(page, way, 700);
      progress(name, JSON.stringify(directions[name]));
    }

    await page.evaluate(() => globalThis.motionProbe.stop());

    // Keys: held, they turn; Home goes back to where home was set.
    const before = await head();
    await page.locator('edgecam-viewer').focus();
    await page.keyboard.down('ArrowRight');
    await wait(900);
    await page.keyboard.up('ArrowRight');
    await standing();
    const afterKey = await head();
    await page.keyboard.down('+');
    await wait(900);
    await page.keyboard.up('+');
    await standing();
    const afterZoomKey = await head();

    // A preset by the page's own form, elsewhere, and back by its card.
    await page.locator('edgecam-controls button.add').click();
    await page.locator('edgecam-controls .preset-form input').fill('Lighthouse');
    await page.locator('edgecam-controls .preset-form button[type=submit]').click();
    need(await until(() => page.locator('edgecam-controls button.preset').count(), 4000), 'no preset appeared');
    const kept = await head();
    await page.keyboard.press('Escape');
    const stick = await middle(page.locator('edgecam-controls .joystick'));
    await page.mouse.move(stick.x, stick.y);
    await page.mouse.down();
    await page.mouse.move(stick.x - stick.radius * 0.8, stick.y - stick.radius * 0.5);
    await wait(1200);
    await page.mouse.up();
    await standing();
    const elsewhere = await head();
    await page.locator('edgecam-controls button.preset').first().click();
    await until(async () => !isStanding(await head()), 2000, 5);
    await standing();
    await wait(300);
    await standing();
    const back = await head();
    const thumbnail = await until(() => page.locator('edgecam-controls button.preset img').count(), 4000);

    // The Home key.
    await page.locator('edgecam-viewer').focus();
    await page.keyboard.press('Home');
    await until(async () => !isStanding(await head()), 2000, 5);
    await standing();
    await wait(300);
    await standing();
    const home = await head();

    // Zoom by the slider: the thumb goes where it is dragged.
    const track = await page.locator('edgecam-controls .zoom .track').boundingBox();
    await page.mouse.move(track.x + track.width / 2, track.y + track.height * 0.5);
    await page.mouse.down();
    await page.mouse.move(track.x + track.width / 2, track.y + track.height * 0.25, { steps: 4 });
    await wait(200);
    await page.mouse.up();
    await wait(500);
    await standing();
    const zoomed = await head();

    // The big stop, while a long move is going on.
    await page.evaluate(() => document.querySelector('edgecam-viewer').request('ptz.absoluteMove', { pan: 1, speed: 0.3 }).catch(() => {}));
    const holdAlive = page.evaluate(async () => { for (let i = 0; i < 30; i++) { document.querySelector('edgecam-viewer').request('ptz.alive').catch(() => {}); await new Promise((resolve) => setTimeout(resolve, 50)); } }).catch(() => {});
    await until(async () => !isStanding(await head()), 2000, 5);
    await page.locator('edgecam-controls .card.head button.stop').click();
    const stopped = performance.now();
    await standing();
    const stopAfter = performance.now() - stopped;
    await holdAlive;

    // A switch follows the device: the lamp is lit when the chip says so.
    const lamp = page.locator('edgecam-controls').getByRole('switch', { name: 'lamp', exact: true });
    await lamp.click();
    const lit = await until(async () => (await ask(options.chip, 'state')).lines[0].raw === 1, 2000, 5);
    const shown = await until(async () => (await lamp.getAttribute('aria-checked')) === 'true', 2000, 5);
    if (options.screenshots) {
      await page.evaluate(() => document.querySelector('edgecam-viewer').request('ptz.absoluteMove', { pan: 0, tilt: 0.1, zoom: 0 }).catch(() => {}));
      await wait(2500);
      await page.screenshot({ path: `${options.screenshots}/controls-desktop.jpg`, type: 'jpeg', quality: 82 });
      const phone = await open(browser, { width: 390, height: 844 }, { deviceScaleFactor: 2, hasTouch: true, isMobile: true });
      await wait(1500);
      await phone.page.screenshot({ path: `${options.screenshots}/controls-phone.jpg`, type: 'jpeg', quality: 82 });
      await phone.page.context().close();
    }

    // The tab is closed while the stick is held.
    await page.context().close();
    const closes = [];
    for (let i = 0; i < options.closes; i++) {
      const opened = await open(browser, { width: 1000, height: 700 });
      const held = await middle(opened.page.locator('edgecam-controls .joystick'));
      await until(() => opened.page.locator('edgecam-controls .joystick[aria-disabled=true]').count().then((count) => count === 0), 5000);
      await opened.page.mouse.move(held.x, held.y);
      await opened.page.mouse.down();
      await opened.page.mouse.move(held.x + held.radius * 0.9 * ((await head()).pan > 0 ? -1 : 1), held.y);
      need(await until(async () => !isStanding(await head()), 3000, 5), 'the head did not turn');
      await wait(200);
      const closed = performance.now();
      await opened.page.close();
      await standing();
      closes.push(performance.now() - closed);
      await opened.page.context().close();
    }

    const pick = ({ pan, tilt, zoom }) => ({ pan, tilt, zoom });
    return {
      browser: `Chromium ${browser.version()}`, directions, keys: { before: pick(before), afterKey: pick(afterKey), afterZoomKey: pick(afterZoomKey) },
      preset: { kept: pick(kept), elsewhere: pick(elsewhere), back: pick(back), thumbnail: thumbnail !== null }, home: { there: pick(home) }, zoomed: pick(zoomed), stopAfter, lamp: { lit: lit === true, shown: shown === true }, closes, problems,
    };
  } finally {
    await browser.close();
  }
});
