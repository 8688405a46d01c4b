import type { Session } from './session';

/** How controls reach the device, whichever session carries their words just now. */
export interface DeviceControl {
  readonly isOpen: boolean;
  call(method: string, params?: unknown, limit?: number): Promise<unknown>;
  /** Over the channel `control-fast`: fresh or not at all. */
  notifyFast(method: string, params: unknown): boolean;
  /** Rises with each move and stop, over both channels, so that the device can tell which is the newest. */
  nextSeq(): number;
}

/** The viewer's own: what it is told while there is no session fails at once. */
export class SessionControl implements DeviceControl {
  readonly #session: () => Session | null;
  #seq = 0;

  constructor(session: () => Session | null) {
    this.#session = session;
  }

  get isOpen(): boolean {
    return this.#session()?.call.controlIsOpen ?? false;
  }

  call(method: string, params?: unknown, limit?: number): Promise<unknown> {
    return this.#session()?.call.rpc.call(method, params, limit) ?? Promise.reject(new Error('There is no session'));
  }

  notifyFast(method: string, params: unknown): boolean {
    return this.#session()?.call.fast.notify(method, params) ?? false;
  }

  nextSeq(): number {
    return ++this.#seq;
  }
}
