import type { DeviceControl } from '../device-control';
import type { Access } from './access';
import { codeOf, codes, faultWords, scopeWords, withRemedy } from './faults';
import { Journey } from './journey';
import { Motion } from './motion';
import { axisNames, parseHolder, parsePtzStatus, type AxisName, type PtzStatus } from './ptz-status';
import { readMembers, readText } from './reading';
import { Later, type Timers } from './timers';
import { isStill, still, type Velocity } from './velocity';

/** Why the head cannot be steered just now. */
export interface Hindrance {
  readonly kind: 'away' | 'scope' | 'held' | 'fault' | 'starting';
  readonly words: string;
}

/** What happens, for whoever shows it. */
export interface PtzEvents {
  changed(): void;
  /** Something for the operator to read. */
  said(words: string, kind: 'fault' | 'note'): void;
  /** The list of presets may have changed. */
  presetsChanged(): void;
}

/** Milliseconds. A zoom that is dragged names a new place no more often than this. */
const zoomPause = 100;
const askAgain = 2000;

/** The camera's head, as one operator steers it. Knows no page: sticks, keys and buttons tell it what is wanted. */
export class PtzController {
  readonly #device: DeviceControl;
  readonly #access: Access;
  readonly #events: PtzEvents;
  readonly #motion: Motion;
  readonly #journey: Journey;
  readonly #retry: Later;
  readonly #zoomPause: Later;
  #zoomTarget: number | null = null;
  #status: PtzStatus | null = null;
  #isOpen = false;

  constructor(device: DeviceControl, access: Access, timers: Timers, events: PtzEvents) {
    this.#device = device;
    this.#access = access;
    this.#events = events;
    this.#motion = new Motion(timers, { move: (velocity) => this.#move(velocity), stop: (axes) => this.#halt(axes) });
    this.#journey = new Journey(timers, () => this.#device.notifyFast('ptz.alive', {}));
    this.#retry = new Later(timers);
    this.#zoomPause = new Later(timers);
  }

  /** Null: there is no head, as far as is known. */
  get status(): PtzStatus | null {
    return this.#status;
  }

  get hindrance(): Hindrance | null {
    const status = this.#status;
    if (!this.#isOpen || status === null) return { kind: 'away', words: 'Not connected' };
    if (!this.#access.allows('ptz')) return { kind: 'scope', words: scopeWords('ptz') };
    if (status.state === 'fault') return { kind: 'fault', words: withRemedy(status.fault ?? 'The head has a fault', status.remedy) };
    if (status.state === 'starting') return { kind: 'starting', words: 'The head is starting' };
    if (status.holder !== null && !status.holder.you) return { kind: 'held', words: `${status.holder.name} is in control` };
    return null;
  }

  get canSteer(): boolean {
    return this.hindrance === null;
  }

  /** A stop is anybody's who may steer at all, whoever is in control and whatever is broken. */
  get canStop(): boolean {
    return this.#isOpen && this.#access.allows('ptz');
  }

  get canTake(): boolean {
    return this.hindrance?.kind === 'held' && this.#status?.holder?.canTake === true;
  }

  /** A move of this operator's is going on. */
  get isBusy(): boolean {
    return this.#motion.isMoving || this.#journey.isUnderWay;
  }

  /** A session's control channel is open: whatever was known is asked anew. */
  handleOpen(): Promise<void> {
    this.#isOpen = true;
    return this.#askStatus();
  }

  handleClose(): void {
    this.#isOpen = false;
    this.#retry.clear();
    this.#zoomPause.clear();
    this.#zoomTarget = null;
    this.#journey.end();
    this.#motion.halt();
    this.#events.changed();
  }

  handleNotification(method: string, params: unknown): void {
    if (method !== 'ptz.changed' || !this.#isOpen) return;
    const status = parsePtzStatus(params);
    if (status === null) return;
    this.#handleStatus(status);
    const reason = readText(readMembers(params)['reason']);
    if (reason === 'dead-man') this.#events.said('Stopped: your connection was silent', 'note');
    if (reason === 'preset') this.#events.presetsChanged();
  }

  /** The link's rights have become known, or others. */
  handleAccess(): void {
    if (!this.canSteer) this.#motion.halt();
    this.#events.changed();
  }

  /** What one source (the stick, the keys, a pad) wants; still: it has been let go. */
  drive(source: string, velocity: Velocity): void {
    if (!isStill(velocity) && !this.canSteer) return this.#motion.set(source, still);
    if (!isStill(velocity)) this.#abandonJourney();
    const { axes } = this.#status ?? { axes: {} as PtzStatus['axes'] };
    this.#motion.set(source, {
      pan: axes.pan === undefined ? 0 : velocity.pan, tilt: axes.tilt === undefined ? 0 : velocity.tilt, zoom: axes.zoom === undefined ? 0 : velocity.zoom,
    });
  }

  /** The operator turns to something else: what is held is let go. */
  letGo(): void {
    this.#motion.halt();
  }

  /** The operator is away: nothing goes on that they cannot see. */
  leave(): void {
    if (this.isBusy) this.stop();
  }

  /** The red button: said whatever is known, and whatever is held. */
  stop(): void {
    if (!this.canStop) return;
    const wasMoving = this.#motion.isMoving;
    this.#abandonJourney();
    this.#motion.halt();
    if (!wasMoving) this.#halt([]);
  }

  home(): Promise<void> {
    return this.#travel('ptz.home', {});
  }

  goTo(preset: string): Promise<void> {
    return this.#travel('ptz.gotoPreset', { token: preset });
  }

  /** Zooms to a place; while it is dragged, the latest counts. */
  zoomTo(position: number): void {
    this.#zoomTarget = Math.round(position * 1000) / 1000;
    if (!this.#zoomPause.isSet) this.#sendZoom();
  }

  async setHome(): Promise<void> {
    if (await this.#ask('ptz.setHome', {}) !== undefined) this.#events.said('This view is home now', 'note');
  }

  /** Takes control, from somebody else where that is allowed. */
  async take(): Promise<void> {
    const answer = await this.#ask('ptz.acquire', this.#status?.holder === null ? {} : { force: true });
    if (answer !== undefined) this.#handleHolder(answer);
  }

  async release(): Promise<void> {
    this.leave();
    if (await this.#ask('ptz.release', {}) !== undefined) this.#handleHolder(null);
  }

  async #askStatus(): Promise<void> {
    this.#retry.clear();
    try {
      const status = parsePtzStatus(await this.#device.call('ptz.status', {}));
      if (this.#isOpen && status !== null) this.#handleStatus(status);
    } catch (error) {
      const code = codeOf(error);
      if (!this.#isOpen) return;
      if (code === codes.methodNotFound || code === codes.notFound || this.#access.handleError(error)) this.#setStatus(null);
      else this.#retry.set(askAgain, () => void this.#askStatus());
    }
  }

  #handleStatus(status: PtzStatus): void {
    this.#journey.handleStatus(status);
    this.#setStatus(status);
  }

  /** ptz.acquire answers with the lease alone. */
  #handleHolder(answer: unknown): void {
    if (this.#status !== null) this.#setStatus({ ...this.#status, holder: parseHolder(answer) });
  }

  #setStatus(status: PtzStatus | null): void {
    this.#status = status;
    const hindrance = this.hindrance;
    if (hindrance !== null) this.#abandonJourney();
    if (hindrance?.kind === 'held') this.#motion.abandon();
    else if (hindrance !== null) this.#motion.halt();
    // Whether it may be taken changes as time passes, of which nobody tells.
    if (hindrance?.kind === 'held') this.#retry.set(askAgain, () => void this.#askStatus());
    else this.#retry.clear();

    this.#events.changed();
  }

  #sendZoom(): void {
    const zoom = this.#zoomTarget;
    this.#zoomTarget = null;
    if (zoom === null) return;
    void this.#travel('ptz.absoluteMove', { zoom });
    this.#zoomPause.set(zoomPause, () => this.#sendZoom());
  }

  async #travel(method: string, params: Record<string, unknown>): Promise<void> {
    if (!this.canSteer) return;
    this.#journey.start();
    const numbered = method === 'ptz.absoluteMove' ? { ...params, seq: this.#device.nextSeq() } : params;
    if (await this.#ask(method, numbered) === undefined) this.#journey.end();
    this.#events.changed();
  }

  /** Undefined where it was refused, which the operator is told. */
  async #ask(method: string, params: Record<string, unknown>): Promise<unknown> {
    try {
      return (await this.#device.call(method, params)) ?? null;
    } catch (error) {
      if (this.#access.handleError(error)) this.#events.changed();
      if (this.#isOpen) this.#events.said(faultWords(error), 'fault');
      return undefined;
    }
  }

  #abandonJourney(): void {
    this.#zoomPause.clear();
    this.#zoomTarget = null;
    this.#journey.end();
  }

  #move(velocity: Partial<Velocity>): void {
    this.#device.notifyFast('ptz.continuousMove', { ...velocity, seq: this.#device.nextSeq() });
    this.#events.changed();
  }

  /** Twice: the word on the fast channel may overtake or be lost, the other arrives. */
  #halt(axes: readonly AxisName[]): void {
    if (!this.#device.isOpen) return;
    const moved = axes.length > 0 ? axes : axisNames.filter((name) => this.#status?.axes[name] !== undefined);
    const standstill = Object.fromEntries(moved.map((name) => [name, 0]));
    this.#device.notifyFast('ptz.continuousMove', { ...standstill, seq: this.#device.nextSeq() });
    this.#device.call('ptz.stop', { seq: this.#device.nextSeq() }).catch((error: unknown) => {
      if (this.#isOpen) this.#events.said(`Stop: ${faultWords(error)}`, 'fault');
    });
    this.#events.changed();
  }
}
