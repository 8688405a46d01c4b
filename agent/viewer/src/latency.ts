/** Median and 95th percentile, in milliseconds. */
export interface Latency {
  readonly median: number;
  readonly p95: number;
}

const window = 1000;
const bound = 240; // pictures in a second, more than any screen shows

/** How long pictures took from capture to display: those of the last second. */
export class LatencyMeter {
  readonly #taken: { readonly at: number; readonly latency: number }[] = [];

  /** A picture that was, or is about to be, on the screen at a time. */
  handleFrame(captured: number, displayed: number): void {
    this.#taken.push({ at: displayed, latency: displayed - captured });
    if (this.#taken.length > bound) this.#taken.shift();
  }

  /** Null where no picture was shown in the last second. */
  at(now: number): Latency | null {
    while (this.#taken.length > 0 && (this.#taken[0]?.at ?? 0) < now - window) this.#taken.shift();
    const sorted = this.#taken.map(({ latency }) => latency).sort((a, b) => a - b);
    const quantile = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
    return sorted.length === 0 ? null : { median: quantile(0.5), p95: quantile(0.95) };
  }
}
