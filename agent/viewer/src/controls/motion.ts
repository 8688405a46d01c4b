import { axisNames, type AxisName } from './ptz-status';
import { Later, type Timers } from './timers';
import { isStill, still, sum, type Velocity } from './velocity';

/** Milliseconds. */
export const pace = {
  /** Changes are told no more often than this. */
  change: 50,
  /** What goes on is said again: a head whose operator is silent for 300 ms stops. */
  repeat: 100,
} as const;

/** Whoever passes the motion on to the device. */
export interface MotionSink {
  move(velocity: Partial<Velocity>): void;
  /** The axes that were moved. */
  stop(axes: readonly AxisName[]): void;
}

/**
 * Turns what the operator holds (a stick, keys, a pad) into messages at a steady pace: changes soon, the rest repeated, and the end at
 * once. A source that was stopped from elsewhere counts again only when it has been let go.
 */
export class Motion {
  readonly #timers: Timers;
  readonly #sink: MotionSink;
  readonly #next: Later;
  readonly #wishes = new Map<string, Velocity>();
  readonly #latched = new Set<string>();
  readonly #engaged = new Set<AxisName>();
  #current: Velocity = still;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(timers: Timers, sink: MotionSink) {
    this.#timers = timers;
    this.#sink = sink;
    this.#next = new Later(timers);
  }

  get isMoving(): boolean {
    return !isStill(this.#current);
  }

  /** The wish of one source, which holds until it says otherwise. */
  set(source: string, velocity: Velocity): void {
    if (isStill(velocity)) {
      this.#wishes.delete(source);
      this.#latched.delete(source);
    } else if (!this.#latched.has(source)) {
      this.#wishes.set(source, velocity);
    }

    this.#apply();
  }

  /** All stops, whatever is still held. */
  halt(): void {
    this.#latch();
    this.#apply();
  }

  /** The same where the head is another's by now: nothing is said to it. */
  abandon(): void {
    this.#latch();
    this.#rest();
  }

  #latch(): void {
    for (const source of this.#wishes.keys()) this.#latched.add(source);
    this.#wishes.clear();
  }

  /** The axes that were moved. The next move is a new one, and goes at once. */
  #rest(): AxisName[] {
    this.#next.clear();
    this.#current = still;
    this.#sentAt = Number.NEGATIVE_INFINITY;
    const axes = [...this.#engaged];
    this.#engaged.clear();
    return axes;
  }

  #apply(): void {
    const wanted = sum(this.#wishes.values());
    if (axisNames.every((name) => wanted[name] === this.#current[name])) return;
    if (isStill(wanted)) return this.#sink.stop(this.#rest());
    this.#current = wanted;
    const pause = this.#sentAt + pace.change - this.#timers.now();
    if (pause <= 0) this.#send();
    else this.#next.set(pause, () => this.#send());
  }

  #send(): void {
    for (const name of axisNames) if (this.#current[name] !== 0) this.#engaged.add(name);
    this.#sentAt = this.#timers.now();
    this.#sink.move(pick(this.#current, this.#engaged));
    this.#next.set(pace.repeat, () => this.#send());
  }
}

/** Axes that nobody touched are not mentioned: one may be on its way to a position. */
function pick(velocity: Velocity, axes: ReadonlySet<AxisName>): Partial<Velocity> {
  return Object.fromEntries(axisNames.filter((name) => axes.has(name)).map((name) => [name, velocity[name]]));
}
