// Reads the simulated camera's frame code from a decoded picture. The layout is described, and the same reader written in C#, in
// hardware-sims/EdgeCam.Sims/Camera/FrameCode.cs: 128 cells along the lower edge, each W/128 pixels wide and high.
//
// In a page: context.drawImage(video, 0, 0); readFrameCode(context.getImageData(0, 0, width, height)). It is enough to draw the last
// W/128 + 1 lines: the code is sought at the lower edge of what is given.

const CELLS = 128;
const START_MARK = 0b10110010;
const END_MARK = 0b01001101;
const MINIMUM_CONTRAST = 48;

/**
 * @param {{data: Uint8ClampedArray | Uint8Array, width: number, height: number}} image RGBA, as getImageData gives it
 * @returns {{frame: number, captureTimeMs: number, camera: number} | null} null where no intact code is seen
 */
export function readFrameCode(image) {
  const levels = [];
  for (let cell = 0; cell < CELLS; cell++) levels.push(level(image, cell));

  let white = 0, black = 0;
  for (let i = 0; i < 8; i++) {
    if (START_MARK >> (7 - i) & 1) white += levels[i]; else black += levels[i];
    if (END_MARK >> (7 - i) & 1) white += levels[CELLS - 8 + i]; else black += levels[CELLS - 8 + i];
  }
  const threshold = (white + black) / 16;
  if ((white - black) / 8 < MINIMUM_CONTRAST) return null;

  const bytes = new Uint8Array(CELLS / 8);
  levels.forEach((value, cell) => { if (value > threshold) bytes[cell >> 3] |= 0x80 >> (cell & 7); });
  if (bytes[0] !== START_MARK || bytes[15] !== END_MARK) return null;
  if (crc16(bytes.subarray(1, 13)) !== (bytes[13] << 8 | bytes[14])) return null;

  const number = (from, to) => bytes.subarray(from, to).reduce((sum, byte) => sum * 256 + byte, 0);
  return { camera: number(1, 3), frame: number(3, 7), captureTimeMs: number(7, 13) };
}

/** The same CRC over a camera's name: compare it with `camera`. */
export function cameraOf(name) {
  return crc16(new TextEncoder().encode(name));
}

/** The mean brightness of the middle of a cell, from 0 to 255. */
function level({ data, width, height }, cell) {
  const size = width / CELLS;
  const left = Math.floor(cell * size + size / 4), right = Math.max(left + 1, Math.floor(cell * size + size * 3 / 4));
  const bottom = Math.max(1, Math.round(height - size / 4)), top = Math.max(0, Math.min(bottom - 1, Math.round(height - size * 3 / 4)));
  let sum = 0;
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const at = (y * width + x) * 4;
      sum += (data[at] * 2 + data[at + 1] * 5 + data[at + 2]) / 8;
    }
  return sum / ((right - left) * (bottom - top));
}

function crc16(bytes) {
  let crc = 0xFFFF;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xFFFF;
  }
  return crc;
}
