// node watch-firefox.mjs URL [--seconds N] [--limit N] [--screenshot FILE] [--statistics]
import { startFirefox } from './browsers.mjs';
import { drive, parseArguments } from './support.mjs';
import { watch } from './watch.mjs';

const options = parseArguments({ seconds: 10, limit: 30, screenshot: '', statistics: false, width: 1280, height: 800 });

await drive(async () => {
  const browser = await startFirefox();
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: options.width, height: options.height });
    return { browser: await browser.version(), ...(await watch(page, (script) => page.evaluateOnNewDocument(script), { ...options, url: options._[0] })) };
  } finally {
    await browser.close();
  }
});
