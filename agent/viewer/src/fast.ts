import { notificationText } from './rpc';

/** Bytes that wait in the browser: with more, the path is stuck, and what is added would be old when it arrives. */
const waitingLimit = 2048;

/**
 * The channel `control-fast`: unordered and never repeated, for what the next message makes worthless. The device's word for these is
 * "newest wins". Where it is not open (an older device, or not yet), the reliable channel carries them.
 */
export class FastChannel {
  readonly #reliable: (method: string, params: unknown) => boolean;
  #channel: RTCDataChannel | null = null;

  constructor(reliable: (method: string, params: unknown) => boolean) {
    this.#reliable = reliable;
  }

  open(peer: RTCPeerConnection): void {
    this.#channel = peer.createDataChannel('control-fast', { protocol: 'edgecam.control.v1', ordered: false, maxRetransmits: 0 });
  }

  /** False where it could not be said; policy: what would only wait is dropped, since another will follow. */
  notify(method: string, params: unknown): boolean {
    const channel = this.#channel;
    if (channel === null || channel.readyState !== 'open') return this.#reliable(method, params);
    if (channel.bufferedAmount > waitingLimit) return false;
    channel.send(notificationText(method, params));
    return true;
  }
}
