// Whether the picture pans, and which way: each shown frame, made small, is laid over the one before and shifted until it fits best.

/** To be evaluated in the page: gives it `motionProbe` with start(video) and stop(). */
export const motionProbe = `(() => {
  const width = 160, height = 90, rows = 66, reach = 6; // the rows below hold what does not move: codes and lamps
  let running = false, seen = [];
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const read = (video) => {
    context.drawImage(video, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, rows);
    const grey = new Int16Array(width * rows);
    for (let i = 0; i < grey.length; i++) grey[i] = (data[i * 4] * 77 + data[i * 4 + 1] * 151 + data[i * 4 + 2] * 28) >> 8;
    return grey;
  };
  // Mean difference where b, moved by (dx, dy), covers a.
  const difference = (a, b, dx, dy) => {
    let sum = 0, count = 0;
    for (let y = reach; y < rows - reach; y += 2)
      for (let x = reach; x < width - reach; x += 2, count++) sum += Math.abs(a[y * width + x] - b[(y + dy) * width + x + dx]);
    return sum / count;
  };
  const shift = (a, b) => {
    const still = difference(a, b, 0, 0);
    let best = { dx: 0, dy: 0, fit: still };
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++) {
        const fit = difference(a, b, dx, dy);
        if (fit < best.fit * 0.97) best = { dx, dy, fit };
      }
    return { still, ...best };
  };
  const frame = (now, metadata) => {
    if (!running) return;
    const grey = read(video);
    const at = metadata.expectedDisplayTime;
    // Over three frames, so that a slow pan is more than a fraction of a pixel.
    history.push({ at, grey });
    if (history.length > 3) history.shift();
    const { still, dx, dy } = shift(history[0].grey, grey);
    seen.push({ at, still, dx, dy });
    video.requestVideoFrameCallback(frame);
  };
  let video = null;
  const history = [];
  return globalThis.motionProbe = {
    start(element) { video = element; running = true; seen = []; history.length = 0; video.requestVideoFrameCallback(frame); },
    read() { const all = seen; seen = []; return all; },
    stop() { running = false; return this.read(); },
  };
})(); undefined;`;

/** Of what `motionProbe` saw: which way the picture's content went, summed over three-frame steps, in small pixels. */
export const sum = (seen) => seen.reduce((total, { dx, dy }) => ({ dx: total.dx + dx, dy: total.dy + dy }), { dx: 0, dy: 0 });

/** The first frame that differs from its forerunners by more than any did while nothing moved. */
export function firstMoved(resting, moving) {
  const noise = Math.max(...resting.map(({ still }) => still)) * 1.6 + 0.4;
  return moving.find(({ still }) => still > noise) ?? null;
}
