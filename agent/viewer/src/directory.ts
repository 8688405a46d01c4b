import type { Broker } from './broker';
import { isDeviceName } from './link';
import { parseStatus, type DeviceStatus } from './status';

/** The devices that their retained status names: all that the broker lists, or only the one that a link names. Bound: 1000. */
export class Directory extends EventTarget {
  static readonly #bound = 1000;
  readonly #devices = new Map<string, DeviceStatus>();
  #cancel: (() => void) | null = null;
  #closed = false;
  #words = '';

  constructor(broker: Broker, prefix: string, device: string | null) {
    super();
    const filter = `${prefix}/${device ?? '+'}/status`;
    const level = prefix.split('/').length;
    const refused = (): void => {
      if (this.#closed || device !== null) return; // a device that is named is called without its status
      this.#words = 'This broker does not list devices; open a link that names one';
      this.dispatchEvent(new Event('change'));
    };
    broker.subscribe(filter, (topic, payload) => this.#handleStatus(topic.split('/')[level] ?? '', payload), true, refused).then(
      (cancel) => {
        if (this.#closed) cancel();
        else this.#cancel = cancel;
      },
      refused);
  }

  /** Sorted by name, those online first. */
  get devices(): readonly DeviceStatus[] {
    return [...this.#devices.values()].sort((a, b) => Number(b.online) - Number(a.online) || a.name.localeCompare(b.name));
  }

  /** Why there is no list, in words, or empty. */
  get words(): string {
    return this.#words;
  }

  get(device: string): DeviceStatus | null {
    return this.#devices.get(device) ?? null;
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = null;
  }

  #handleStatus(device: string, payload: string): void {
    if (!isDeviceName(device)) return;
    this.#words = ''; // it lists devices after all: its rules may change between two connections
    const status = payload === '' ? null : parseStatus(device, payload);
    if (payload === '') this.#devices.delete(device);
    else if (status === null || (!this.#devices.has(device) && this.#devices.size >= Directory.#bound)) return;
    else this.#devices.set(device, status);
    this.dispatchEvent(new Event('change'));
  }
}
