// What all drivers share: arguments, progress on stderr, one JSON line as the result on stdout, free ports.
import { createServer } from 'node:net';

/** `--name value` and `--flag`; what is neither is positional. Camel case: --ws-port is wsPort. */
export function parseArguments(defaults = {}) {
  const values = { ...defaults, _: [] };
  const words = process.argv.slice(2);
  for (let i = 0; i < words.length; i++) {
    if (!words[i].startsWith('--')) {
      values._.push(words[i]);
      continue;
    }

    const name = words[i].slice(2).replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
    const flag = typeof values[name] === 'boolean' || i + 1 >= words.length || words[i + 1].startsWith('--');
    const value = flag ? true : words[++i];
    values[name] = typeof values[name] === 'number' ? Number(value) : value;
  }

  return values;
}

const started = performance.now();

export function progress(...words) {
  console.error(((performance.now() - started) / 1000).toFixed(2).padStart(6), ...words);
}

export const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function until(condition, limit, step = 50) {
  const end = performance.now() + limit;
  while (performance.now() < end) {
    const value = await condition();
    if (value) return value;
    await wait(step);
  }

  return null;
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Runs a driver: its result, or its failure, is the one line on stdout; the exit code says which. */
export async function drive(run) {
  let result;
  try {
    result = { ok: true, ...(await run()) };
  } catch (error) {
    progress(error?.stack ?? String(error));
    result = { ok: false, error: error?.message ?? String(error), ...(error?.result ?? {}) };
  }

  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(result.ok ? 0 : 1));
}

/** Milliseconds from the first picture to a steady stream. */
export const settle = 2000;
