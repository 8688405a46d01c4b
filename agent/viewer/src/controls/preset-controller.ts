import type { DeviceControl } from '../device-control';
import type { Access } from './access';
import { faultWords } from './faults';
import { parsePresets, parseThumbnail, type Preset } from './preset';
import { Later, type Timers } from './timers';

export interface PresetEvents {
  changed(): void;
  said(words: string, kind: 'fault' | 'note'): void;
}

/** Milliseconds: several changes in a row are asked about once. */
const settle = 200;

interface Kept {
  readonly version: string;
  readonly picture: string | null;
}

/** The head's presets and their thumbnails, which are fetched one after the other and kept. */
export class PresetController {
  readonly #device: DeviceControl;
  readonly #access: Access;
  readonly #events: PresetEvents;
  readonly #reload: Later;
  readonly #thumbnails = new Map<string, Kept>();
  #presets: readonly Preset[] | null = null;
  #isFetching = false;
  /** Counts sessions: what a former one answers late is left alone. */
  #session = 0;

  constructor(device: DeviceControl, access: Access, timers: Timers, events: PresetEvents) {
    this.#device = device;
    this.#access = access;
    this.#events = events;
    this.#reload = new Later(timers);
  }

  /** Null: this device keeps none, or has not told yet. */
  get presets(): readonly Preset[] | null {
    return this.#presets;
  }

  /** Base64 of a JPEG; null where there is none, or not yet. */
  thumbnail(token: string): string | null {
    return this.#thumbnails.get(token)?.picture ?? null;
  }

  /** Why this operator cannot go there; null: they can. */
  missingScope(preset: Preset): string | null {
    return preset.scope !== null && !this.#access.allows(preset.scope) ? preset.scope : null;
  }

  async handleOpen(): Promise<void> {
    this.#session++;
    await this.#load();
  }

  handleClose(): void {
    this.#session++;
    this.#reload.clear();
    this.#isFetching = false;
  }

  /** The device says that something about presets has changed. */
  handleChanged(): void {
    this.#reload.set(settle, () => void this.#load());
  }

  /** Keeps the present view under a name; over the preset of a token, where one is given. */
  async save(name: string, thumbnail: string | null, token: string | null = null): Promise<boolean> {
    const params = { name, ...(token === null ? {} : { token }), ...(thumbnail === null ? {} : { thumbnail }) };
    return this.#change('ptz.setPreset', params, token, `“${name}” is kept`);
  }

  async remove(preset: Preset): Promise<boolean> {
    return this.#change('ptz.removePreset', { token: preset.token }, preset.token, `“${preset.name}” is removed`);
  }

  async #change(method: string, params: Record<string, unknown>, token: string | null, words: string): Promise<boolean> {
    const session = this.#session;
    try {
      await this.#device.call(method, params);
    } catch (error) {
      this.#access.handleError(error);
      if (session === this.#session) this.#events.said(faultWords(error), 'fault');
      return false;
    }

    if (token !== null) this.#thumbnails.delete(token);
    this.#events.said(words, 'note');
    await this.#load();
    return true;
  }

  async #load(): Promise<void> {
    const session = this.#session;
    try {
      const presets = parsePresets(await this.#device.call('ptz.presets', {}));
      if (session !== this.#session) return;
      this.#presets = presets;
    } catch (error) {
      if (session !== this.#session) return;
      console.debug('ptz.presets:', error);
      this.#presets = null;
    }

    const tokens = new Set(this.#presets?.map(({ token }) => token));
    for (const token of this.#thumbnails.keys()) if (!tokens.has(token)) this.#thumbnails.delete(token);
    this.#events.changed();
    void this.#fetchThumbnails(session);
  }

  /** One at a time: pictures must not crowd out what steers. */
  async #fetchThumbnails(session: number): Promise<void> {
    if (this.#isFetching) return;
    this.#isFetching = true;
    for (let next = this.#nextMissing(); next !== undefined; next = this.#nextMissing()) {
      const { token, version } = next;
      const picture = await this.#device.call('ptz.presetThumbnail', { token }).then(parseThumbnail, () => null);
      if (session !== this.#session) return; // handleClose has taken back the flag
      this.#thumbnails.set(token, { version, picture });
      this.#events.changed();
    }

    this.#isFetching = false;
  }

  #nextMissing(): Preset | undefined {
    return this.#presets?.find(({ token, version, hasThumbnail }) => hasThumbnail && this.#thumbnails.get(token)?.version !== version);
  }
}
