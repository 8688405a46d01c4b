/** One answer to device.time. Times are this page's (performance.now), in milliseconds. */
interface Exchange {
  /** The moment between question and answer: when the device read its clock, give or take half the round trip. */
  readonly at: number;
  readonly roundTrip: number;
  /** What a picture captured just then has as RTP timestamp. */
  readonly rtpTimestamp: number;
}

const clockRate = 90; // ticks of the video clock in a millisecond (RFC 6184 section 5.1)
const kept = 32;
/** Milliseconds of error that an exchange gathers with each second of its age: two quartz clocks drift by less. */
const drift = 0.05;
/** Milliseconds by which two readings may contradict each other beyond their errors. */
const tolerance = 5;

/**
 * Knows when each picture was captured, on this page's clock. RTP timestamps are the device's clock itself, so that one reading of it,
 * half a round trip old, says of every picture how long ago that was; of several readings the one with the shortest round trip errs least.
 */
export class CaptureClock {
  #exchanges: Exchange[] = [];

  /** What device.time answered; an answer without an RTP timestamp is of no use. */
  handleAnswer(sent: number, received: number, answer: unknown): void {
    const rtpTimestamp = (answer as { rtpTimestamp?: unknown } | null)?.rtpTimestamp;
    if (typeof rtpTimestamp !== 'number' || received < sent) return;
    const exchange: Exchange = { at: (sent + received) / 2, roundTrip: received - sent, rtpTimestamp };
    const best = this.#best(received);
    // While a computer sleeps its performance.now() may stand still, the device's clock does not: readings from before are worth nothing.
    if (best !== null && Math.abs(capturedAt(rtpTimestamp, best) - exchange.at) > error(best, received) + error(exchange, received) + tolerance)
      this.#exchanges = [];
    this.#exchanges.push(exchange);
    if (this.#exchanges.length > kept) this.#exchanges.shift();
  }

  /** When the picture of an RTP timestamp was captured; null before the device has told its clock. */
  captureTime(rtpTimestamp: number, now: number): number | null {
    const best = this.#best(now);
    return best === null ? null : capturedAt(rtpTimestamp, best);
  }

  /** By how much captureTime may be wrong, in milliseconds; null before the device has told its clock. */
  uncertainty(now: number): number | null {
    const best = this.#best(now);
    return best === null ? null : error(best, now);
  }

  #best(now: number): Exchange | null {
    return this.#exchanges.reduce<Exchange | null>((best, next) => (best === null || error(next, now) <= error(best, now) ? next : best), null);
  }
}

function capturedAt(rtpTimestamp: number, exchange: Exchange): number {
  return exchange.at + ((rtpTimestamp - exchange.rtpTimestamp) | 0) / clockRate; // | 0: modulo 2^32, the nearer way
}

function error(exchange: Exchange, now: number): number {
  return exchange.roundTrip / 2 + (drift * Math.max(0, now - exchange.at)) / 1000;
}
