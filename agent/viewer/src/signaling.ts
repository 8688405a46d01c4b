import type { Broker } from './broker';
import { parseIceServers } from './link';

/** A message of the device; which members it has depends on its type. */
export type Message = Readonly<Record<string, unknown>>;

/** The ICE servers that a message brings; null where it says nothing of them. */
export function readIceServers(message: Message): RTCIceServer[] | null {
  return Array.isArray(message['iceServers']) ? parseIceServers(message['iceServers']) : null;
}

/**
 * The two topics of one session: numbers what is sent, and passes on each message of the device once. It outlives an outage of the
 * broker, which the session does too.
 */
export class Signaling {
  readonly #broker: Broker;
  readonly #topic: string;
  readonly #handle: (message: Message) => void;
  #cancel: (() => void) | null = null;
  #sent = 0;
  #lastSeen = -1;
  #closed = false;

  constructor(broker: Broker, topic: string, handle: (message: Message) => void) {
    this.#broker = broker;
    this.#topic = topic;
    this.#handle = handle;
  }

  /** Answers come at once: the subscription is granted before anything is sent. */
  async open(): Promise<void> {
    const cancel = await this.#broker.subscribe(`${this.#topic}/to-viewer`, (_, payload) => this.#handleMessage(payload), false);
    if (this.#closed) cancel();
    else this.#cancel = cancel;
  }

  get up(): boolean {
    return this.#broker.up && !this.#closed;
  }

  /** Sends at once or not at all: the number it was sent under, null where it was not. */
  send(type: string, members: Record<string, unknown> = {}): number | null {
    const message = { v: 1, type, seq: this.#sent + 1, ...members };
    if (this.#closed || !this.#broker.publish(`${this.#topic}/to-device`, JSON.stringify(message))) return null;
    return ++this.#sent;
  }

  /** @param bye what the device is told; null where it wants no bye. */
  close(bye: string | null): void {
    if (this.#closed) return;
    if (bye !== null && this.send('bye', { reason: bye }) !== null) this.#broker.flush();
    this.#closed = true;
    this.#cancel?.();
  }

  #handleMessage(payload: string): void {
    if (this.#closed) return;
    let read: unknown;
    try {
      read = JSON.parse(payload);
    } catch {
      return;
    }

    if (typeof read !== 'object' || read === null) return;
    const message = read as Message;
    const seq = message['seq'];
    if (message['v'] !== 1 || typeof seq !== 'number' || seq <= this.#lastSeen) return; // QoS 1 may deliver twice
    this.#lastSeen = seq;
    this.#handle(message);
  }
}
