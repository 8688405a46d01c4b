// node watch-chromium.mjs URL [--seconds N] [--limit N] [--screenshot FILE] [--statistics] [--width N --height N]
import { startChromium } from './browsers.mjs';
import { drive, parseArguments } from './support.mjs';
import { watch } from './watch.mjs';

const options = parseArguments({ seconds: 10, limit: 20, screenshot: '', statistics: false, width: 1280, height: 800 });

await drive(async () => {
  const browser = await startChromium();
  try {
    const page = await (await browser.newContext({ viewport: { width: options.width, height: options.height } })).newPage();
    return { browser: `Chromium ${browser.version()}`, ...(await watch(page, (script) => page.addInitScript(script), { ...options, url: options._[0] })) };
  } finally {
    await browser.close();
  }
});
