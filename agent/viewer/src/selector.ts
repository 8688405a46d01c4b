import type { DeviceControl } from './device-control';
import { isCameraName } from './link';
import { RpcError } from './rpc';
import type { CameraStatus } from './status';
import { Later, type Timers } from './controls/timers';

/** What a viewer wants of a camera: what its network carries, the main stream, or the smaller one. */
export type Quality = 'auto' | 'high' | 'low';

export const qualities: readonly Quality[] = ['auto', 'high', 'low'];

export function readQuality(value: unknown): Quality {
  return qualities.find((quality) => quality === value) ?? 'auto';
}

const streams: Readonly<Record<Quality, string>> = { auto: 'auto', high: 'main', low: 'sub' };

/** JSON-RPC codes of the device: it does not know the method or the camera, or cannot send that camera here; only a new session helps. */
const needsSession: ReadonlySet<number> = new Set([-32601, -32002, -32020]);
const unavailable = -32004;

/** Milliseconds. */
const pause = { again: 2000, away: 5000, patience: 600 } as const;

export interface SelectorEvents {
  /** Another camera's pictures come, another stream's, or there is something else to say. */
  changed(): void;
  /** Whatever is held of the camera's head is to be let go: the picture is about to be another's. */
  turning(): void;
  /** The picture is there, or stays what it was. */
  turned(): void;
  /** It takes a new session. */
  restart(): void;
}

/**
 * Which camera and quality a session shows, and how it gets to what is wanted: the device sends other pictures on the same connection, and
 * until they come the former ones stay. A camera that is away is asked for again when its device says that it is back, and every few seconds:
 * its word may be late, or not reach this viewer at all.
 */
export class Selector {
  readonly #device: DeviceControl;
  readonly #events: SelectorEvents;
  readonly #later: Later;
  #isOpen = false;
  #shown: string | null = null;
  #stream: string | null = null;
  #wanted: string | null = null;
  #quality: Quality = 'auto';
  #agreed: Quality = 'auto';
  #away: string | null = null;
  #cameras: readonly CameraStatus[] = [];
  #isTurning = false;
  #asks = 0;
  #words = '';

  constructor(device: DeviceControl, timers: Timers, events: SelectorEvents) {
    this.#device = device;
    this.#events = events;
    this.#later = new Later(timers);
  }

  /** Whose pictures come; null where that is not known. */
  get camera(): string | null {
    return this.#shown;
  }

  /** `main` or `sub`; null before the device has said so. */
  get stream(): string | null {
    return this.#stream;
  }

  /** What people are to know of a camera that is wanted and not there, or empty. */
  get words(): string {
    return this.#words;
  }

  /** A session is made, whose offer names that camera. */
  begin(camera: string | null, quality: Quality): void {
    this.end();
    this.#shown = this.#wanted = camera;
    this.#quality = quality;
  }

  /** The session can be talked to. */
  open(): void {
    this.#isOpen = true;
    this.#settle();
  }

  end(): void {
    this.#isOpen = false;
    this.#asks++;
    this.#later.clear();
    this.#shown = this.#wanted = this.#stream = this.#away = null;
    this.#agreed = 'auto';
    this.#isTurning = false;
    this.#words = ''; // nobody is told: who ends it knows, and what is told here would begin the next session
  }

  want(camera: string | null, quality: Quality): void {
    if (camera === this.#wanted && quality === this.#quality) return;
    this.#wanted = camera;
    this.#quality = quality;
    this.#away = null;
    this.#settle();
  }

  /** What the device says of its cameras: one that was away may be back. */
  handleCameras(cameras: readonly CameraStatus[]): void {
    this.#cameras = cameras;
    if (this.#away === null || cameras.find(({ name }) => name === this.#away)?.state !== 'live') return;
    this.#away = null;
    this.#settle();
  }

  handleNotification(method: string, params: unknown): void {
    if (method !== 'camera.switched' || typeof params !== 'object' || params === null) return;
    const { camera, stream } = params as Record<string, unknown>;
    if (!isCameraName(camera)) return;
    this.#stream = typeof stream === 'string' ? stream : null;
    this.#show(camera);
  }

  /** @param isSure whether the camera is thought to be there; where not, the head of the present one is let go when it is. */
  #settle(isSure = true): void {
    if (!this.#isOpen || this.#away !== null) return;
    this.#later.clear();
    const camera = this.#wanted ?? this.#shown;
    if (camera === this.#shown && this.#quality === this.#agreed && !this.#isTurning) return this.#say('');
    if (camera !== this.#shown && isSure) this.#turn();
    void this.#ask(camera, this.#quality);
  }

  async #ask(camera: string | null, quality: Quality): Promise<void> {
    const ask = ++this.#asks;
    try {
      const answer = await this.#device.call('camera.select', { ...(camera === null ? {} : { camera }), stream: this.#streamOf(camera, quality) });
      if (ask !== this.#asks) return;
      this.#agreed = quality;
      const pending = (answer as { pending?: unknown } | null)?.pending === true;
      if (!pending && camera !== null) return this.#show(camera);
      if (camera === this.#shown) return;
      this.#turn();
      this.#later.set(pause.patience, () => this.#say(`Waiting for the first picture of ${camera ?? 'the camera'}`));
    } catch (error) {
      if (ask === this.#asks) this.#handleRefusal(error, camera);
    }
  }

  /** Low is what a camera has that is low: one that is known to have no smaller stream gives what it has. */
  #streamOf(camera: string | null, quality: Quality): string {
    return quality === 'low' && this.#cameras.find(({ name }) => name === camera)?.substream === false ? streams.auto : streams[quality];
  }

  #handleRefusal(error: unknown, camera: string | null): void {
    const code = error instanceof RpcError ? error.code : 0;
    if (needsSession.has(code) && camera !== this.#shown) return this.#events.restart();
    this.#stay();
    if (code === unavailable) {
      this.#away = camera;
      const words = error instanceof Error ? error.message.replace(/^Unavailable: /, '') : '';
      this.#say(`${words.charAt(0).toUpperCase()}${words.slice(1)}`);
      this.#later.set(pause.away, () => {
        this.#away = null;
        this.#settle(false);
      });
    } else if (needsSession.has(code)) {
      this.#agreed = this.#quality; // this camera has it not, or the device is of old
    } else {
      this.#later.set(pause.again, () => this.#settle());
    }
  }

  #show(camera: string): void {
    if (this.#wanted === null || camera === this.#wanted) {
      if (camera !== this.#shown) this.#turn();
      this.#shown = camera;
      this.#away = null;
      if (this.#quality === this.#agreed) this.#later.clear();
      this.#stay();
      this.#say('');
    } else {
      this.#shown = camera; // another one is wanted by now, and what is said of that, or to be asked, stands
    }

    this.#events.changed();
  }

  #turn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    this.#events.turning();
  }

  #stay(): void {
    if (!this.#isTurning) return;
    this.#isTurning = false;
    this.#events.turned();
  }

  #say(words: string): void {
    if (words === this.#words) return;
    this.#words = words;
    this.#events.changed();
  }
}
