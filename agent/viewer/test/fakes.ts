import type { DeviceControl } from '../src/device-control';
import { RpcError } from '../src/rpc';
import type { Timers } from '../src/controls/timers';

/** Time that passes when it is told to. */
export class FakeTimers implements Timers {
  #now = 1000;
  #due: { at: number; act: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, act: () => void): () => void {
    const entry = { at: this.#now + milliseconds, act };
    this.#due.push(entry);
    return () => { this.#due = this.#due.filter((other) => other !== entry); };
  }

  /** How many things are still to be done. */
  get waiting(): number {
    return this.#due.length;
  }

  run(milliseconds: number): void {
    for (const end = this.#now + milliseconds; ;) {
      const next = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) {
        this.#now = end;
        return;
      }

      this.#due = this.#due.filter((other) => other !== next);
      this.#now = next.at;
      next.act();
    }
  }
}

export interface Said {
  readonly way: 'control' | 'fast';
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly at: number;
}

type Answer = unknown | RpcError | Promise<unknown>;

/** A device that notes what it is told and answers as it was taught; what it was not taught, it does not know. */
export class FakeDevice implements DeviceControl {
  isOpen = true;
  readonly said: Said[] = [];
  readonly answers = new Map<string, Answer | ((params: Record<string, unknown>) => Answer)>();
  readonly #timers: FakeTimers;
  #seq = 0;

  constructor(timers: FakeTimers) {
    this.#timers = timers;
  }

  async call(method: string, params: unknown = {}): Promise<unknown> {
    this.#note('control', method, params);
    if (!this.answers.has(method)) throw new RpcError(-32601, `Method not found: ${method}`);
    const taught = this.answers.get(method);
    const answer = await (typeof taught === 'function' ? (taught as (params: unknown) => Answer)(params) : taught);
    if (answer instanceof RpcError) throw answer;
    return answer;
  }

  notifyFast(method: string, params: unknown): boolean {
    this.#note('fast', method, params);
    return true;
  }

  nextSeq(): number {
    return ++this.#seq;
  }

  /** What was said since the last time that was asked. */
  take(): Said[] {
    return this.said.splice(0);
  }

  #note(way: 'control' | 'fast', method: string, params: unknown): void {
    this.said.push({ way, method, params: (params ?? {}) as Record<string, unknown>, at: this.#timers.now() });
  }
}

/** Lets what is due without time happen. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
