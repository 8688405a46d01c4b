import type { Timers } from './timers';
import { sum, type Velocity } from './velocity';

/** What a key does to the head. */
export type KeyAct = { readonly kind: 'drive'; readonly velocity: Velocity } | { readonly kind: 'stop' } | { readonly kind: 'home' } | { readonly kind: 'preset'; readonly number: number };

/** A tap moves a little; a key that is held speeds up to the top. Fractions of the top speed, and milliseconds. */
const ramp = { from: 0.3, after: 250, until: 1250 } as const;

const drives: Readonly<Record<string, Velocity>> = {
  ArrowLeft: { pan: -1, tilt: 0, zoom: 0 },
  ArrowRight: { pan: 1, tilt: 0, zoom: 0 },
  ArrowUp: { pan: 0, tilt: 1, zoom: 0 },
  ArrowDown: { pan: 0, tilt: -1, zoom: 0 },
  '+': { pan: 0, tilt: 0, zoom: 1 },
  '=': { pan: 0, tilt: 0, zoom: 1 }, // the same key without shift
  '-': { pan: 0, tilt: 0, zoom: -1 },
  '_': { pan: 0, tilt: 0, zoom: -1 },
};

export function actOfKey(key: string): KeyAct | null {
  const velocity = drives[key];
  if (velocity !== undefined) return { kind: 'drive', velocity };
  if (key === 'Escape' || key === '.') return { kind: 'stop' };
  if (key === 'Home') return { kind: 'home' };
  return /^[1-9]$/.test(key) ? { kind: 'preset', number: Number(key) } : null;
}

/**
 * The keys that are held, known by where they sit: shift may be let go before the key it changed. A browser tells of no release that
 * another window got, so whoever leaves lets go of all.
 */
export class HeldKeys {
  readonly #timers: Timers;
  readonly #held = new Map<string, { velocity: Velocity; since: number }>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  get any(): boolean {
    return this.#held.size > 0;
  }

  /** What they want together, just now. */
  get velocity(): Velocity {
    const now = this.#timers.now();
    return sum([...this.#held.values()].map(({ velocity, since }) => {
      const speed = ramp.from + (1 - ramp.from) * Math.max(0, Math.min(1, (now - since - ramp.after) / (ramp.until - ramp.after)));
      return { pan: velocity.pan * speed, tilt: velocity.tilt * speed, zoom: velocity.zoom * speed };
    }));
  }

  press(place: string, velocity: Velocity): void {
    if (!this.#held.has(place)) this.#held.set(place, { velocity, since: this.#timers.now() });
  }

  /** True where it was one of ours. */
  release(place: string): boolean {
    return this.#held.delete(place);
  }

  clear(): void {
    this.#held.clear();
  }
}
