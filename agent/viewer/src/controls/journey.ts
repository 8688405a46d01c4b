import type { PtzStatus } from './ptz-status';
import { Later, type Timers } from './timers';

/** Milliseconds. */
const repeat = 100;
/** A head that has not set out by then was there already. */
const setOutLimit = 1500;

/**
 * A move to a place (a preset, home, a zoom) that this operator has asked for. While it goes on, a sign of life each 100 ms keeps it
 * going: the head stops where its operator has gone.
 */
export class Journey {
  readonly #timers: Timers;
  readonly #alive: () => void;
  readonly #next: Later;
  #startedAt: number | null = null;
  #hasSetOut = false;

  constructor(timers: Timers, alive: () => void) {
    this.#timers = timers;
    this.#alive = alive;
    this.#next = new Later(timers);
  }

  get isUnderWay(): boolean {
    return this.#startedAt !== null;
  }

  start(): void {
    this.#startedAt = this.#timers.now();
    this.#hasSetOut = false;
    if (!this.#next.isSet) this.#next.set(repeat, () => this.#beat());
  }

  end(): void {
    this.#startedAt = null;
    this.#next.clear();
  }

  handleStatus(status: PtzStatus): void {
    if (this.#startedAt === null) return;
    if (status.state === 'fault' || status.holder?.you === false) this.end();
    else if (status.moving) this.#hasSetOut = true;
    else if (this.#hasSetOut || this.#isOverdue(this.#startedAt)) this.end();
  }

  #beat(): void {
    if (this.#startedAt === null) return;
    if (!this.#hasSetOut && this.#isOverdue(this.#startedAt)) return this.end();
    this.#alive();
    this.#next.set(repeat, () => this.#beat());
  }

  #isOverdue(startedAt: number): boolean {
    return this.#timers.now() >= startedAt + setOutLimit;
  }
}
