// What stacks without a decoder need: RTP payloads back to NAL units (RFC 6184), and ffmpeg to decode them.
import { spawn } from 'node:child_process';
import { loadReader, tally } from './frames.mjs';
import { progress } from './support.mjs';

const startCode = Buffer.from([0, 0, 0, 1]);
const lines = 32;

/** Counts packets and access units, notes what they violate, and with `decode` sees to it that they decode. */
export class Receiver {
  packets = 0;
  frames = 0;
  idrs = 0;
  gaps = 0;
  malformed = 0;
  largest = 0;
  decoded = 0;
  payloadTypes = new Set();
  sources = new Set();
  /** The camera whose picture was decoded last, by its code. */
  camera = null;
  #codeAt = null;
  #longestPause = 0;
  #numbers = [];
  #unread = 0;
  #last = null;
  #fragment = null;
  #unit = [];
  #intact = true;
  #seenIdr = false;
  #decoder = null;
  #early = new Map();
  #firstAt = 0;
  #lastAt = 0;

  /** @param width and height of the picture, so that what ffmpeg prints can be cut into frames */
  async decode(width) {
    const read = await loadReader();
    const size = width * lines;
    let pending = Buffer.alloc(0);
    this.#decoder = spawn('ffmpeg', ['-loglevel', 'error', '-flags', 'low_delay', '-probesize', '32', '-analyzeduration', '0', '-f', 'h264', '-i', 'pipe:0', '-vsync', 'passthrough',
      '-vf', `crop=iw:${lines}:0:ih-${lines},format=gray`, '-f', 'rawvideo', 'pipe:1'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#decoder.stdin.on('error', () => {});
    this.#decoder.stdout.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      for (; pending.length >= size; pending = pending.subarray(size)) {
        this.decoded++;
        const data = new Uint8Array(size * 4);
        for (let i = 0; i < size; i++) data[i * 4] = data[i * 4 + 1] = data[i * 4 + 2] = pending[i];
        const code = read({ data, width, height: lines });
        if (code === null) this.#unread++;
        else this.#handleCode(code);
      }
    });
  }

  #handleCode({ frame, camera }) {
    this.#numbers.push(frame);
    this.camera = camera;
    const now = performance.now();
    this.#longestPause = Math.max(this.#longestPause, now - (this.#codeAt ?? now));
    this.#codeAt = now;
  }

  /** Milliseconds without a decoded picture, since the last time that this was asked. */
  takeLongestPause() {
    const longest = Math.max(this.#longestPause, this.#codeAt === null ? 0 : performance.now() - this.#codeAt);
    this.#longestPause = 0;
    return longest;
  }

  /** A whole RTP packet. Packets out of order wait for a few more, since a stack may hand on retransmissions late. */
  handleRtp(packet) {
    if (packet.length < 12 || packet[0] >> 6 !== 2) return void this.malformed++;
    const sequence = packet.readUInt16BE(2);
    this.packets++;
    this.largest = Math.max(this.largest, packet.length);
    if (this.#last === null) this.#last = (sequence - 1) & 0xffff;
    if (((sequence - this.#last - 1) & 0xffff) > 0x7fff) return; // a duplicate
    this.#early.set(sequence, packet);
    while (this.#early.size > 0) {
      const next = (this.#last + 1) & 0xffff;
      const ready = this.#early.get(next);
      if (ready === undefined && this.#early.size < 64) return;
      this.#early.delete(next);
      this.#last = next;
      if (ready === undefined) {
        this.gaps++;
        this.#fragment = null;
        this.#intact = false;
      } else {
        this.#handleInOrder(ready);
      }
    }
  }

  #handleInOrder(packet) {
    let header = 12 + (packet[0] & 0x0f) * 4;
    if ((packet[0] & 0x10) !== 0) header += 4 + packet.readUInt16BE(header + 2) * 4;
    const end = packet.length - ((packet[0] & 0x20) !== 0 ? packet[packet.length - 1] : 0);
    this.payloadTypes.add(packet[1] & 0x7f);
    this.sources.add(packet.readUInt32BE(8));
    if (end > header) this.#handlePayload(packet.subarray(header, end));
    if ((packet[1] & 0x80) !== 0) this.#endFrame();
  }

  #handlePayload(payload) {
    const type = payload[0] & 0x1f;
    if (type >= 1 && type <= 23) {
      this.#add(payload);
    } else if (type === 24) { // STAP-A, section 5.7.1
      for (let at = 1; at + 2 <= payload.length;) {
        const length = payload.readUInt16BE(at);
        if (length === 0 || at + 2 + length > payload.length) return void this.malformed++;
        this.#add(payload.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      }
    } else if (type === 28 && payload.length > 2) { // FU-A, section 5.8
      const [start, last] = [(payload[1] & 0x80) !== 0, (payload[1] & 0x40) !== 0];
      if (start) this.#fragment = [Buffer.from([(payload[0] & 0xe0) | (payload[1] & 0x1f)])];
      if (this.#fragment === null) return;
      this.#fragment.push(payload.subarray(2));
      if (!last) return;
      this.#add(Buffer.concat(this.#fragment));
      this.#fragment = null;
    } else {
      this.malformed++;
    }
  }

  #add(nal) {
    if ((nal[0] & 0x1f) === 5) this.#unit.idr = true;
    this.#unit.push(startCode, nal);
  }

  #endFrame() {
    if (this.#unit.length > 0) {
      this.frames++;
      this.#lastAt = performance.now();
      this.#firstAt ||= this.#lastAt;
      if (this.#unit.idr) this.idrs++;
      this.#seenIdr ||= this.#unit.idr === true;
      if (this.#seenIdr && this.#decoder !== null) this.#decoder.stdin.write(Buffer.concat(this.#unit));
      if (!this.#intact) progress('frame', this.frames, 'is not whole');
    }

    this.#unit = [];
    this.#intact = true;
  }

  /** Decoded pictures whose code could not be read. */
  get unread() {
    return this.#unread;
  }

  async result() {
    if (this.#decoder !== null) {
      const ended = new Promise((resolve) => this.#decoder.once('close', resolve));
      this.#decoder.stdin.end();
      await ended;
    }

    return {
      packets: this.packets, frames: this.frames, idrs: this.idrs, gaps: this.gaps, malformed: this.malformed, largestPacket: this.largest, payloadTypes: [...this.payloadTypes],
      framesPerSecond: this.frames < 2 ? 0 : Number((((this.frames - 1) * 1000) / (this.#lastAt - this.#firstAt)).toFixed(2)), decoded: this.decoded, unread: this.#unread, ...tally(this.#numbers),
    };
  }
}
