// Frame numbers: where the reader comes from, and what a list of numbers says about the stream.
import { existsSync, readFileSync } from 'node:fs';

const reader = new URL('./frame-code.mjs', import.meta.url);

/** The reader as an expression for a page whose content security policy forbids loading it: the module without its exports. */
export function readerSource() {
  if (!existsSync(reader)) return '(() => null)';
  const text = readFileSync(reader, 'utf8').replace(/^export default /gm, '').replace(/^export /gm, '');
  return `(() => { ${text}\nreturn readFrameCode; })()`;
}

export async function loadReader() {
  return existsSync(reader) ? (await import(reader.href)).readFrameCode : () => null;
}

/** What the numbers of the frames that were read, in the order they were shown, say. */
export function tally(numbers) {
  const distinct = new Set(numbers).size;
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const span = numbers.length === 0 ? 0 : last - first + 1;
  return {
    read: numbers.length, first: numbers.length === 0 ? null : first, last: numbers.length === 0 ? null : last,
    missing: span - distinct, missingPercent: span === 0 ? 100 : Number(((100 * (span - distinct)) / span).toFixed(3)),
    rising: numbers.length > 1 && numbers.every((n, i) => i === 0 || n >= numbers[i - 1]) && last > first,
  };
}

/**
 * Runs in a page: draws the lowest lines of each frame of a video to a canvas and reads the frame code there. Where the browser can
 * hand out every decoded frame (Chromium), it does; elsewhere each frame that is shown, fewer where the compositor has no time.
 */
export const probe = (source) => `globalThis.frameProbe = (() => {
  const readFrameCode = ${source};
  const found = { numbers: [], latencies: [], codes: [], unread: 0, frames: 0, longestPause: 0, by: '' };
  let last = 0, stopped = false, canvas, context;
  function look(picture, width, height) {
    const now = performance.now();
    found.longestPause = Math.max(found.longestPause, now - last);
    last = now;
    found.frames++;
    if (width === 0) return;
    const lines = Math.min(height, 32);
    if (canvas === undefined || canvas.width !== width) {
      canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, lines];
      context = canvas.getContext('2d', { willReadFrequently: true });
    }
    context.drawImage(picture, 0, height - lines, width, lines, 0, 0, width, lines);
    const code = readFrameCode(context.getImageData(0, 0, width, lines));
    if (code === null) { found.unread++; return; }
    found.numbers.push(code.frame);
    found.codes.push([Date.now(), code.frame, code.captureTimeMs, code.camera]);
    if (found.latencies.length < 5000) found.latencies.push(Date.now() - code.captureTimeMs);
  }
  async function readTrack(track, next) {
    const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 30 }).readable.getReader();
    for (;;) {
      const { value: frame, done } = await reader.read();
      if (frame) { look(frame, frame.displayWidth, frame.displayHeight); frame.close(); }
      if (done || stopped) break;
    }
    if (!stopped) next();
  }
  return {
    found,
    start(video) {
      last = performance.now();
      if ('MediaStreamTrackProcessor' in globalThis) {
        found.by = 'track';
        // A new session brings a new track: its frames count too.
        const follow = (old) => {
          if (stopped) return;
          const track = video.srcObject?.getVideoTracks()[0];
          if (track && track !== old) readTrack(track.clone(), () => follow(track)).catch((error) => { found.by += ' ' + error.message; });
          else setTimeout(() => follow(old), 50);
        };
        follow(null);
      } else {
        found.by = 'shown';
        const step = () => { look(video, video.videoWidth, video.videoHeight); if (!stopped) video.requestVideoFrameCallback(step); };
        video.requestVideoFrameCallback(step);
      }
    },
    stop() {
      stopped = true;
      found.longestPause = Math.max(found.longestPause, performance.now() - last);
      return found;
    },
  };
})(); undefined;`;

/** Numbers read in a page, as a result. */
export function report(found) {
  const sorted = [...found.latencies].sort((a, b) => a - b);
  return { ...tally(found.numbers), frames: found.frames, by: found.by, unread: found.unread, longestPauseMs: Math.round(found.longestPause), captureToCanvasMs: sorted[sorted.length >> 1] ?? null };
}
