import type { DeviceControl } from '../device-control';
import type { Access } from './access';
import { codeOf, codes, faultWords, scopeWords, withRemedy } from './faults';
import { parseDimmer, parseLine, readFault, readShare, type Dimmer, type Line } from './gpio-line';
import { readFlag, readList, readMembers, readNumber, readText, type Members } from './reading';
import { Later, type Timers } from './timers';

/** A line and what is going on with it. */
export interface LineView extends Line {
  /** The operator wants something that the device has not said yet. */
  readonly busy: boolean;
  /** Milliseconds until its pulse ends; null: none is under way. */
  readonly pulseLeft: number | null;
  /** How long that pulse is in all, as far as was seen. */
  readonly pulseLength: number;
  /** Why it cannot be switched; null: it can. */
  readonly hindrance: string | null;
  /** What went wrong a moment ago. */
  readonly message: string | null;
}

export interface DimmerView extends Dimmer {
  readonly hindrance: string | null;
  readonly message: string | null;
}

/** Milliseconds. */
export const gpioLimits = {
  /** The device has agreed; its word on the line comes with or before that, or else is asked for. */
  confirm: 1000,
  message: 6000,
  dim: 100,
  reload: 150,
  askAgain: 2000,
} as const;

/** The device's inputs and outputs. What is shown is what the device says; a wish is only ever a wish. */
export class GpioController {
  readonly #device: DeviceControl;
  readonly #access: Access;
  readonly #timers: Timers;
  readonly #changed: () => void;
  readonly #lines = new Map<string, Line>();
  readonly #dimmers = new Map<string, Dimmer>();
  readonly #busy = new Map<string, Later>();
  readonly #messages = new Map<string, { words: string; over: Later }>();
  readonly #pulses = new Map<string, { until: number; length: number }>();
  readonly #wantedDuties = new Map<string, { duty: number | null; pause: Later }>();
  readonly #reload: Later;
  #isOpen = false;
  #session = 0;

  constructor(device: DeviceControl, access: Access, timers: Timers, changed: () => void) {
    this.#device = device;
    this.#access = access;
    this.#timers = timers;
    this.#changed = changed;
    this.#reload = new Later(timers);
  }

  /** Otherwise what is shown is of before. */
  get isConnected(): boolean {
    return this.#isOpen;
  }

  get lines(): LineView[] {
    const now = this.#timers.now();
    return [...this.#lines.values()].map((line) => {
      const pulse = this.#pulses.get(line.name);
      return {
        ...line,
        busy: this.#busy.has(line.name),
        pulseLeft: pulse === undefined || pulse.until <= now ? null : pulse.until - now,
        pulseLength: pulse?.length ?? 0,
        hindrance: this.#hindranceOf(line),
        message: this.#messages.get(line.name)?.words ?? null,
      };
    });
  }

  get dimmers(): DimmerView[] {
    return [...this.#dimmers.values()].map((dimmer) => ({
      ...dimmer, hindrance: this.#hindranceOf(dimmer), message: this.#messages.get(dimmer.name)?.words ?? null,
    }));
  }

  async handleOpen(): Promise<void> {
    this.#isOpen = true;
    this.#session++;
    await this.#load(true);
  }

  handleClose(): void {
    this.#isOpen = false;
    this.#session++;
    this.#reload.clear();
    for (const later of this.#busy.values()) later.clear();
    for (const { pause } of this.#wantedDuties.values()) pause.clear();
    this.#busy.clear();
    this.#wantedDuties.clear();
    this.#pulses.clear();
    this.#changed();
  }

  handleAccess(): void {
    this.#changed();
  }

  handleNotification(method: string, params: unknown): void {
    if (method !== 'gpio.changed' || !this.#isOpen) return;
    const read = readMembers(params);
    const line = this.#lines.get(readText(read['line'], 64) ?? '');
    const dimmer = this.#dimmers.get(readText(read['pwm'], 64) ?? '');
    if (line !== undefined) this.#handleLine(line, read);
    else if (dimmer !== undefined) this.#dimmers.set(dimmer.name, { ...dimmer, ...readFault(read), duty: readShare(read['duty']) ?? dimmer.duty });
    else return;
    this.#changed();
  }

  write(name: string, value: boolean): Promise<void> {
    return this.#act(name, 'gpio.write', { line: name, value });
  }

  async pulse(name: string, milliseconds: number): Promise<void> {
    await this.#act(name, 'gpio.pulse', { line: name, milliseconds }, () => this.#setPulse(name, milliseconds));
  }

  /** While it is dragged, the latest counts. */
  dim(name: string, duty: number): void {
    const wanted = this.#wantedDuties.get(name) ?? { duty: null, pause: new Later(this.#timers) };
    wanted.duty = Math.round(Math.max(0, Math.min(1, duty)) * 1000) / 1000;
    this.#wantedDuties.set(name, wanted);
    if (!wanted.pause.isSet) void this.#sendDuty(name, wanted);
  }

  #handleLine(line: Line, read: Members): void {
    const value = readFlag(read['value']);
    const fault = readFault(read);
    this.#lines.set(line.name, { ...line, ...fault, ...(value === null ? {} : { value, changedAt: readNumber(read['at']) ?? Date.now() }) });
    if (value === null) return;
    this.#settle(line.name);
    const left = readNumber(read['pulseEndsIn']);
    if (read['cause'] !== 'pulse' || this.#isPulseOver(line.name)) this.#pulses.delete(line.name);
    else if (left !== null) this.#setPulse(line.name, left);
    else if (!this.#pulses.has(line.name)) this.#reload.set(gpioLimits.reload, () => void this.#load(false)); // somebody else's: how long, the list tells
  }

  #isPulseOver(name: string): boolean {
    const pulse = this.#pulses.get(name);
    return pulse !== undefined && this.#timers.now() >= pulse.until - pulse.length / 2; // its second edge, not its first
  }

  #setPulse(name: string, left: number): void {
    const now = this.#timers.now();
    const before = this.#pulses.get(name);
    this.#pulses.set(name, { until: now + left, length: Math.max(left, before !== undefined && before.until > now ? before.length : 0) });
  }

  async #act(name: string, method: string, params: Record<string, unknown>, before: () => void = () => {}): Promise<void> {
    const line = this.#lines.get(name);
    if (line === undefined || this.#busy.has(name) || this.#hindranceOf(line) !== null) return;
    const wait = new Later(this.#timers);
    this.#busy.set(name, wait);
    this.#forget(name);
    this.#changed();
    try {
      before();
      await this.#device.call(method, params);
      if (this.#busy.get(name) === wait) wait.set(gpioLimits.confirm, () => void this.#confirm(name));
    } catch (error) {
      this.#pulses.delete(name);
      this.#settle(name);
      this.#fail(name, error);
    }
  }

  /** The line was as it was wanted already, or its notification was lost. */
  async #confirm(name: string): Promise<void> {
    const session = this.#session;
    try {
      const answer = readMembers(await this.#device.call('gpio.read', { line: name }));
      const line = this.#lines.get(name);
      const value = readFlag(answer['value']);
      if (session === this.#session && line !== undefined && value !== null) this.#lines.set(name, { ...line, value, changedAt: readNumber(answer['changedAt']) ?? line.changedAt });
    } catch (error) {
      if (session === this.#session) this.#fail(name, error);
    }

    if (session !== this.#session) return;
    this.#settle(name);
    this.#changed();
  }

  async #sendDuty(name: string, wanted: { duty: number | null; pause: Later }): Promise<void> {
    const duty = wanted.duty;
    wanted.duty = null;
    if (duty === null) return void this.#wantedDuties.delete(name);
    wanted.pause.set(gpioLimits.dim, () => void this.#sendDuty(name, wanted));
    try {
      await this.#device.call('gpio.pwm', { name, duty });
    } catch (error) {
      this.#fail(name, error);
    }
  }

  async #load(watch: boolean): Promise<void> {
    const session = this.#session;
    try {
      if (watch) await this.#device.call('gpio.watch', {}); // before the list, so that nothing changes unseen in between
      const answer = readMembers(await this.#device.call('gpio.list', {}));
      if (session === this.#session) this.#take(answer);
    } catch (error) {
      if (session !== this.#session) return;
      if (codeOf(error) === codes.methodNotFound || this.#access.handleError(error)) this.#take({});
      else this.#reload.set(gpioLimits.askAgain, () => void this.#load(watch));
    }
  }

  #take(answer: Members): void {
    this.#lines.clear();
    this.#dimmers.clear();
    for (const value of readList(answer['lines'], 128)) {
      const line = parseLine(value);
      if (line === null) continue;
      this.#lines.set(line.name, line);
      const left = readNumber(readMembers(value)['pulseEndsIn']);
      if (left === null) this.#pulses.delete(line.name);
      else this.#setPulse(line.name, left);
    }

    for (const value of readList(answer['pwm'], 64)) {
      const dimmer = parseDimmer(value);
      if (dimmer !== null) this.#dimmers.set(dimmer.name, dimmer);
    }

    this.#changed();
  }

  #hindranceOf(target: Line | Dimmer): string | null {
    if (!this.#isOpen) return 'Not connected';
    if (target.fault !== null) return withRemedy(target.fault, target.remedy);
    if ('direction' in target && target.direction === 'input') return null;
    if (!this.#access.allows(target.scope)) return scopeWords(target.scope);
    return target.writable ? null : scopeWords(target.scope);
  }

  #settle(name: string): void {
    this.#busy.get(name)?.clear();
    this.#busy.delete(name);
  }

  #fail(name: string, error: unknown): void {
    if (!this.#isOpen) return; // that says it all
    this.#access.handleError(error);
    this.#forget(name);
    const over = new Later(this.#timers);
    over.set(gpioLimits.message, () => {
      this.#messages.delete(name);
      this.#changed();
    });
    this.#messages.set(name, { words: faultWords(error), over });
    this.#changed();
  }

  #forget(name: string): void {
    this.#messages.get(name)?.over.clear();
    this.#messages.delete(name);
  }
}
