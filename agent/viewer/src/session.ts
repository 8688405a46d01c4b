import { Call, type CallEvents, type CallOptions } from './call';
import { CaptureClock } from './clock';
import { LatencyMeter, type Latency } from './latency';
import { randomName } from './link';
import { RpcError } from './rpc';
import { computeStatistics, readSample, type Sample, type Statistics } from './statistics';

/** Milliseconds. A reading of the device's clock is best of several; drift makes it stale. */
const clock = { readings: 6, apart: 100, again: 10_000 } as const;
const reportEvery = 5000;
const probeLimit = 800;

/** One call and what is measured of it: the statistics, the device's clock, and the pictures' way from capture to display. */
export class Session {
  readonly call: Call;
  readonly #clock = new CaptureClock();
  readonly #latency = new LatencyMeter();
  #sample: Sample | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reportAt = 0;
  #closed = false;

  constructor(options: CallOptions, events: CallEvents) {
    this.call = new Call(randomName(20), options, { ...events, controlOpened: () => (events.controlOpened(), void this.#readClock()) });
    void this.call.open();
  }

  /** When the picture of an RTP timestamp was captured, as performance.now tells time here; null before the device has told its clock. */
  captureTime(rtpTimestamp: number): number | null {
    return this.#clock.captureTime(rtpTimestamp, performance.now());
  }

  /** A picture is shown. */
  handleFrame(frame: VideoFrameCallbackMetadata): void {
    const captured = frame.rtpTimestamp === undefined ? null : this.captureTime(frame.rtpTimestamp);
    if (captured !== null) this.#latency.handleFrame(captured, frame.expectedDisplayTime);
  }

  /** To be called once a second: null before there is anything to compare with. */
  async measure(): Promise<{ statistics: Statistics; comparable: boolean; grew: boolean } | null> {
    const report = await this.call.getStats();
    const sample = report === null ? null : readSample(report as unknown as Iterable<readonly [string, unknown]>);
    if (sample === null || this.#closed) return null;
    const before = this.#sample;
    this.#sample = sample;
    const latency = this.#latency.at(performance.now());
    if (latency !== null) this.#report(latency);
    return { statistics: computeStatistics(before, sample, latency), comparable: before !== null, grew: before !== null && sample.framesDecoded > before.framesDecoded };
  }

  /** Whether the path still carries anything: the answer to a question, or whatever else; null where there is nothing to ask by. */
  async probe(): Promise<boolean | null> {
    if (!this.call.controlIsOpen) return null;
    const before = await this.#receivedBytes();
    try {
      await this.call.rpc.call('device.time', undefined, probeLimit);
      return true;
    } catch (error) {
      const after = await this.#receivedBytes();
      return !(error instanceof RpcError) || error.code !== 408 || (before !== null && after !== null && after > before); // a refusal is an answer too
    }
  }

  close(reason: string): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.call.close(reason);
  }

  /** All bytes that came, of whatever kind; null where the browser does not say. */
  async #receivedBytes(): Promise<number | null> {
    const report = await this.call.getStats();
    let bytes: number | null = null;
    for (const [, stats] of (report ?? []) as Iterable<readonly [string, { type: string; bytesReceived?: number }]>)
      if (stats.type === 'candidate-pair' && typeof stats.bytesReceived === 'number') bytes = (bytes ?? 0) + stats.bytesReceived;
    return bytes;
  }

  /** What people see is what the device's operator should know. */
  #report(latency: Latency): void {
    const now = performance.now();
    if (now < this.#reportAt || latency.median < 0) return;
    this.#reportAt = now + reportEvery;
    this.call.rpc.notify('camera.reportLatency', { median: Math.round(latency.median * 10) / 10 });
  }

  async #readClock(): Promise<void> {
    try {
      for (let i = 0; i < clock.readings && !this.#closed; i++) {
        const sent = performance.now();
        const answer = await this.call.rpc.call('device.time');
        this.#clock.handleAnswer(sent, performance.now(), answer);
        await new Promise((resolve) => (this.#timer = setTimeout(resolve, clock.apart)));
      }
    } catch (error) {
      console.debug('device.time:', error);
      if (error instanceof Error && 'code' in error && error.code === -32601) return; // a device of old has no such method
    }

    if (!this.#closed) this.#timer = setTimeout(() => void this.#readClock(), clock.again);
  }
}
