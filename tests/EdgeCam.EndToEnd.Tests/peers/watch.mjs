// Opens the viewer page in a browser and says what a person there would have seen.
import { probe, readerSource, report } from './frames.mjs';
import { progress, settle, until, wait } from './support.mjs';

const record = () => {
  globalThis.seenStates = [];
  addEventListener('statechange', ({ detail }) => globalThis.seenStates.push({ at: Math.round(performance.now()), name: detail.name, words: detail.words, detail: detail.detail }), true);
  globalThis.seenStats = [];
  addEventListener('stats', ({ detail }) => globalThis.seenStats.push({ at: performance.now(), ...detail }), true);
};

/** @param page of Playwright or Puppeteer; @param addScript how that one runs a function before the page's own scripts. */
export async function watch(page, addScript, { url, seconds, limit, screenshot, statistics }) {
  const problems = [];
  page.on('console', (message) => (message.type() === 'error' || message.type() === 'warn') && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await addScript(record);
  await page.goto(url);
  const started = performance.now();
  let shown = 0;
  const states = async () => {
    const all = await page.evaluate(() => globalThis.seenStates);
    for (const state of all.slice(shown)) progress('state', state.name, state.detail);
    shown = all.length;
    return all;
  };
  const live = await until(async () => (await states()).some(({ name }) => name === 'live'), limit * 1000);
  if (!live) throw Object.assign(new Error('the page did not go live'), { result: { states: await states(), problems } });
  const liveAfterMs = Math.round(performance.now() - started);

  if (statistics) await page.evaluate(() => document.querySelector('edgecam-viewer').toggleStatistics());
  await page.evaluate(probe(readerSource()));
  await wait(settle); // a new viewer begins with the pictures since the last key frame, decoded faster than a screen shows them
  await page.evaluate(() => globalThis.frameProbe.start(document.querySelector('edgecam-viewer').video));
  progress('measuring for', seconds, 's');
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await states()) await wait(Math.min(250, Math.max(1, end - performance.now())));
  const found = await page.evaluate(() => globalThis.frameProbe.stop());
  if (screenshot) await page.screenshot({ path: screenshot });

  const { stats, deviceInfo, state } = await page.evaluate(() => {
    const viewer = document.querySelector('edgecam-viewer');
    return { stats: globalThis.seenStats.slice(-1)[0] ?? null, deviceInfo: viewer.deviceInfo, state: viewer.state };
  });
  // Rates over the samples that lie within the measured time.
  const samples = (await page.evaluate(() => globalThis.seenStats)).slice(-Math.max(2, Math.floor(seconds)));
  const [from, to] = [samples[0], samples[samples.length - 1]];
  const framesPerSecond = samples.length < 2 ? 0 : ((to.framesDecoded - from.framesDecoded) * 1000) / (to.at - from.at);
  return {
    url, seconds, liveAfterMs, framesPerSecond: Number(framesPerSecond.toFixed(2)), ...report(found), width: stats?.width ?? 0, height: stats?.height ?? 0,
    state: state.name, states: await states(), deviceInfo, dtlsRole: stats?.dtlsRole ?? null, srtp: stats?.srtp ?? null, path: stats?.path ?? null,
    loss: stats?.loss ?? null, roundTripMs: stats?.roundTrip ?? null, problems,
  };
}
