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
  readonly #camera: () => string | null;
  #seq = 0;

  /** @param camera whose picture is shown: nobody moves another's head, whatever is late on its way. */
  constructor(session: () => Session | null, camera: () => string | null = () => null) {
    this.#session = session;
    this.#camera = camera;
  }

  get isOpen(): boolean {
    return this.#session()?.call.controlIsOpen ?? false;
  }

  call(method: string, params?: unknown, limit?: number): Promise<unknown> {
    return this.#session()?.call.rpc.call(method, this.#named(method, params), limit) ?? Promise.reject(new Error('There is no session'));
  }

  notifyFast(method: string, params: unknown): boolean {
    return this.#session()?.call.fast.notify(method, this.#named(method, params)) ?? false;
  }

  nextSeq(): number {
    return ++this.#seq;
  }

  #named(method: string, params: unknown): unknown {
    const camera = this.#camera();
    return camera === null || !method.startsWith('ptz.') ? params : { camera, ...(params as object | undefined) };
  }
}
