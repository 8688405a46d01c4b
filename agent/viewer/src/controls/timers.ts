/** Time, as the controllers see it: a test has its own. Milliseconds. */
export interface Timers {
  now(): number;
  /** Acts once, after so long; what is returned calls it off. */
  after(milliseconds: number, act: () => void): () => void;
}

export const realTimers: Timers = {
  now: () => performance.now(),
  after: (milliseconds, act) => {
    const timer = setTimeout(act, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** One thing that is to be done later, at most: setting it again calls off what was set before. */
export class Later {
  readonly #timers: Timers;
  #cancel: (() => void) | null = null;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  get isSet(): boolean {
    return this.#cancel !== null;
  }

  set(milliseconds: number, act: () => void): void {
    this.#cancel?.();
    this.#cancel = this.#timers.after(milliseconds, () => {
      this.#cancel = null;
      act();
    });
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
