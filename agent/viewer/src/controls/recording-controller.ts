import type { DeviceControl } from '../device-control';
import type { Access } from './access';
import { codeOf, codes, faultWords } from './faults';
import { readFlag, readList, readMembers, readNumber, readText } from './reading';
import { Later, type Timers } from './timers';

/** Milliseconds, but for what says otherwise. */
export const recordingLimits = {
  /** How often the device is asked while it records, and while it does not. */
  poll: 3000,
  idle: 20_000,
  /** What is on its way to the disk takes its time. */
  stop: 15_000,
  piece: 15_000,
  /** After so long a piece that the device was too busy for is asked for once more. */
  again: 1000,
  /** Pieces asked for at once. */
  ahead: 4,
  /** How many are shown. */
  listed: 8,
  /** Bytes: a browser keeps them in memory until all are there. */
  largest: 512 * 1024 * 1024,
} as const;

export type RecorderState = 'idle' | 'waiting' | 'recording' | 'full' | 'failed';

export interface Recording {
  readonly id: string;
  /** Milliseconds since 1970; null where the device's clock was not set. */
  readonly start: number | null;
  readonly seconds: number;
  readonly bytes: number;
  readonly label: string | null;
  /** It is being written. */
  readonly open: boolean;
}

/** Records the camera that is watched, and fetches what was recorded, in pieces over the data channel: no other way to the device is needed. */
export class RecordingController {
  readonly #device: DeviceControl;
  readonly #access: Access;
  readonly #camera: () => string | null;
  readonly #changed: () => void;
  readonly #timers: Timers;
  readonly #next: Later;
  #mode: string | null = null;
  #state: RecorderState = 'idle';
  #words: string | null = null;
  #fault: string | null = null;
  #isBusy = false;
  #watched: string | null = null;
  #recordings: readonly Recording[] = [];
  #fetching: { readonly id: string; share: number } | null = null;
  /** Counts sessions: what a former one answers late is left alone. */
  #session = 0;

  constructor(device: DeviceControl, access: Access, timers: Timers, camera: () => string | null, changed: () => void) {
    this.#device = device;
    this.#access = access;
    this.#camera = camera;
    this.#changed = changed;
    this.#timers = timers;
    this.#next = new Later(timers);
  }

  /** False where the device records nothing, or not for this operator. */
  get isOffered(): boolean {
    return this.#mode !== null && this.#mode !== 'off' && this.#access.allows('record');
  }

  /** Nobody starts or stops it here. */
  get isContinuous(): boolean {
    return this.#mode === 'continuous';
  }

  get state(): RecorderState {
    return this.#state;
  }

  /** What is in the way of recording; null where nothing is. */
  get words(): string | null {
    return this.#words;
  }

  /** What was refused last; null where nothing was. */
  get fault(): string | null {
    return this.#fault;
  }

  /** A wish is on its way. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  get recordings(): readonly Recording[] {
    return this.#recordings;
  }

  /** Which one is being fetched, and how much of it is here, from 0 to 1. */
  get fetching(): { readonly id: string; readonly share: number } | null {
    return this.#fetching;
  }

  async handleOpen(): Promise<void> {
    this.#session++;
    await this.#load();
  }

  /** Another camera is watched. */
  async handleCamera(): Promise<void> {
    await this.#load();
  }

  handleClose(): void {
    this.#session++;
    this.#next.clear();
    this.#isBusy = false;
    this.#fetching = null;
  }

  /** Records, or ends that. */
  async toggle(): Promise<void> {
    const isOn = this.#state !== 'idle';
    await this.#do(isOn ? 'recording.stop' : 'recording.start', { camera: this.#watched });
  }

  async remove(recording: Recording): Promise<void> {
    await this.#do('recording.delete', { id: recording.id });
  }

  /** All of it; null where that did not work, or the session ended. */
  async fetch(recording: Recording): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#fetching !== null) return null;
    const session = this.#session;
    const fetching = { id: recording.id, share: 0 };
    this.#fetching = fetching;
    this.#fault = null;
    this.#changed();
    try {
      return await this.#readAll(recording.id, session, (share) => {
        fetching.share = share;
        this.#changed();
      });
    } catch (error) {
      if (session === this.#session) this.#fault = faultWords(error);
      return null;
    } finally {
      if (this.#fetching === fetching) this.#fetching = null;
      this.#changed();
    }
  }

  async #readAll(id: string, session: number, told: (share: number) => void): Promise<Uint8Array<ArrayBuffer> | null> {
    let isOver = false;
    const goesOn = (): boolean => !isOver && session === this.#session;
    const first = await this.#readTwice(id, 0, undefined, goesOn);
    const { size } = first; // of one that is being written, what it has now
    if (size > recordingLimits.largest) throw new Error('it is too large for this page: fetch it from the device by HTTP');
    const all = new Uint8Array(size);
    all.set(first.data);
    const step = first.data.length;
    if (step === 0 && size > 0) throw new Error('the device gave nothing of it');
    let [next, done] = [step, step];
    const fetchNext = async (): Promise<void> => {
      while (next < size && goesOn()) {
        const offset = next;
        next += step;
        const { data } = await this.#readTwice(id, offset, Math.min(step, size - offset), goesOn);
        if (!goesOn()) return;
        if (data.length !== Math.min(step, size - offset)) throw new Error('the device gave less than it has');
        all.set(data, offset);
        done += data.length;
        told(done / size);
      }
    };
    try {
      await Promise.all(Array.from({ length: recordingLimits.ahead }, fetchNext));
    } finally {
      isOver = true; // one failure ends all
    }

    return session === this.#session ? all : null;
  }

  /** A piece that the device was too busy for, or that was lost, has a second chance. */
  async #readTwice(id: string, offset: number, length: number | undefined, goesOn: () => boolean): Promise<{ size: number; data: Uint8Array }> {
    try {
      return await this.#read(id, offset, length);
    } catch (error) {
      const code = codeOf(error);
      if (code !== codes.tooMany && code !== 408 && code !== 429) throw error;
      if (code !== 408) await new Promise<void>((resolve) => this.#timers.after(recordingLimits.again, resolve));
      if (!goesOn()) throw error;
      return this.#read(id, offset, length);
    }
  }

  async #read(id: string, offset: number, length?: number): Promise<{ size: number; data: Uint8Array }> {
    const answer = readMembers(await this.#device.call('recording.read', { id, offset, ...(length === undefined ? {} : { length }) }, recordingLimits.piece));
    const [size, data] = [readNumber(answer['size']), answer['data']];
    if (size === null || size < 0 || typeof data !== 'string') throw new Error('the device gave no piece of it');
    return { size, data: Uint8Array.from(atob(data), (character) => character.charCodeAt(0)) };
  }

  async #do(method: string, params: Record<string, unknown>): Promise<void> {
    if (this.#isBusy) return;
    const session = this.#session;
    this.#isBusy = true;
    this.#fault = null;
    this.#changed();
    try {
      await this.#device.call(method, params, recordingLimits.stop);
    } catch (error) {
      this.#access.handleError(error);
      if (session === this.#session) this.#fault = faultWords(error);
    }

    if (session !== this.#session) return; // handleClose has taken back the flag
    this.#isBusy = false;
    await this.#load();
  }

  /** Asks how it stands, and again after a while. */
  async #load(): Promise<void> {
    const session = this.#session;
    this.#next.clear();
    if (!this.#access.allows('record')) return this.#changed();
    try {
      const status = readMembers(await this.#device.call('recording.status', {}));
      if (session !== this.#session) return;
      const cameras = readList(status['cameras'], 64).map(readMembers);
      const mine = cameras.find((camera) => camera['camera'] === this.#camera()) ?? cameras[0] ?? {};
      this.#watched = readText(mine['camera'], 32);
      this.#mode = readText(mine['mode'], 20);
      this.#state = readState(mine['state']);
      this.#words = readText(mine['detail'], 300);
      if (this.isOffered) {
        const list = readMembers(await this.#device.call('recording.list', { camera: this.#watched, limit: recordingLimits.listed }));
        if (session !== this.#session) return;
        this.#recordings = readList(list['recordings'], recordingLimits.listed).map(readRecording).filter((recording) => recording !== null);
      }
    } catch (error) {
      if (session !== this.#session) return;
      this.#access.handleError(error);
      this.#mode = null; // it knows of no recordings
      console.debug('recording.status:', error);
    }

    if (this.isOffered) this.#next.set(this.#state === 'idle' ? recordingLimits.idle : recordingLimits.poll, () => void this.#load());
    this.#changed();
  }
}

function readState(value: unknown): RecorderState {
  return value === 'waiting' || value === 'recording' || value === 'full' || value === 'failed' ? value : 'idle';
}

function readRecording(value: unknown): Recording | null {
  const read = readMembers(value);
  const id = readText(read['id'], 64);
  if (id === null) return null;
  return {
    id,
    start: read['clock'] === 'unset' ? null : readNumber(read['start']),
    seconds: readNumber(read['seconds']) ?? 0,
    bytes: readNumber(read['bytes']) ?? 0,
    label: readText(read['label'], 64),
    open: readFlag(read['open']) ?? false,
  };
}
