// node latency-chromium.mjs URL [--seconds N] [--limit N]: how old pictures are when they are shown, by the time that the simulated
// camera draws into them, by the viewer's own overlay, and stage by stage.
import { startChromium } from './browsers.mjs';
import { readerSource } from './frames.mjs';
import { drive, parseArguments, progress, until, wait } from './support.mjs';

const options = parseArguments({ seconds: 20, limit: 30 });
const settling = 5000; // the device's clock is read, the encoder has its bitrate, the browser's jitter buffer has shrunk

const quantile = (values, q) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? null : Number(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))].toFixed(2));
};
const summary = (values) => ({ median: quantile(values, 0.5), p95: quantile(values, 0.95), count: values.length });

/** Runs in the page: one entry for each picture that is shown, all times in milliseconds since 1970. */
const collect = (source) => `globalThis.shown = []; (() => {
  const readFrameCode = ${source};
  const viewer = document.querySelector('edgecam-viewer');
  const { video } = viewer;
  const wall = (time) => time === null || time === undefined ? null : performance.timeOrigin + time;
  const canvas = document.createElement('canvas');
  let context;
  const look = (_, frame) => {
    video.requestVideoFrameCallback(look);
    const [width, height] = [video.videoWidth, video.videoHeight];
    const lines = Math.min(height, 32);
    if (canvas.width !== width || context === undefined) {
      [canvas.width, canvas.height] = [width, lines];
      context = canvas.getContext('2d', { willReadFrequently: true });
    }
    context.drawImage(video, 0, height - lines, width, lines, 0, 0, width, lines);
    const code = readFrameCode(context.getImageData(0, 0, width, lines));
    if (code === null) return;
    globalThis.shown.push({
      frame: code.frame, drawn: code.captureTimeMs + 0.5, stamped: wall(viewer.captureTime(frame.rtpTimestamp)), received: wall(frame.receiveTime),
      decoding: frame.processingDuration * 1000, displayed: wall(frame.expectedDisplayTime), read: wall(performance.now()),
    });
  };
  video.requestVideoFrameCallback(look);
})(); undefined;`;

await drive(async () => {
  const browser = await startChromium();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
    await page.addInitScript(() => {
      globalThis.seenStats = [];
      addEventListener('stats', ({ detail }) => globalThis.seenStats.push(detail), true);
    });
    await page.goto(options._[0]);
    const live = await until(() => page.evaluate(() => document.querySelector('edgecam-viewer')?.state.name === 'live'), options.limit * 1000);
    if (!live) throw new Error('the page did not go live');
    await page.evaluate(() => document.querySelector('edgecam-viewer').toggleStatistics());
    await wait(settling);
    await page.evaluate(collect(readerSource()));
    await page.evaluate(() => { globalThis.seenStats.length = 0; });
    progress('measuring for', options.seconds, 's');
    await wait(options.seconds * 1000);
    const { shown, stats, overlay } = await page.evaluate(() => ({
      shown: globalThis.shown, stats: globalThis.seenStats, overlay: document.querySelector('edgecam-viewer').shadowRoot.querySelector('.statistics').innerText,
    }));
    const pictures = shown.filter(({ stamped, received }) => stamped !== null && received !== null);
    const rate = (to, from) => (to.framesDecoded - from.framesDecoded);
    return {
      browser: `Chromium ${browser.version()}`, pictures: pictures.length, width: stats.at(-1)?.width ?? 0, height: stats.at(-1)?.height ?? 0,
      framesPerSecond: stats.length < 2 ? 0 : rate(stats.at(-1), stats[0]) / (stats.length - 1),
      cells: summary(pictures.map(({ drawn, displayed }) => displayed - drawn)),
      canvas: summary(pictures.map(({ drawn, read }) => read - drawn)),
      overlay: { ...summary(stats.map(({ latency }) => latency).filter((value) => value !== null)), words: /Latency\s+(\S+ ms)/.exec(overlay)?.[1] ?? null },
      stages: {
        drawnToAgent: summary(pictures.map(({ drawn, stamped }) => stamped - drawn)),
        agentToReceived: summary(pictures.map(({ stamped, received }) => received - stamped)),
        decoding: summary(pictures.map(({ decoding }) => decoding)),
        buffer: summary(stats.map(({ buffer }) => buffer).filter((value) => value !== null)),
        receivedToDisplayed: summary(pictures.map(({ received, displayed }) => displayed - received)),
      },
    };
  } finally {
    await browser.close();
  }
});
