import { cameraWords, headlines, isPassing, ownRefusal, refusalWords, type StateName, type ViewerState } from './words';

/** What the supervisor decides; somebody else does it. */
export interface Actions {
  open(): void;
  close(reason: string): void;
  /** Seeks a new path for the session there is. */
  restart(): void;
  /** Asks whether the path still carries anything, and the broker too; a path that is silent is in doubt. */
  probe(): void;
  /** Why no path was found, in words. */
  explain(): string;
  changed(state: ViewerState): void;
}

/** What is known of the device and of the camera that is to be watched. */
export interface DeviceView {
  readonly device: string;
  readonly online: boolean;
  readonly bootId: string | null;
  readonly camera: string | null;
  readonly cameraState: string;
  /** The device's own words on that state. */
  readonly cameraDetail: string | null;
}

export type TransportState = 'connected' | 'disconnected' | 'failed';

type Phase = 'stopped' | 'waiting' | 'opening' | 'connecting' | 'connected' | 'refused';

/** Milliseconds. */
export const limits = {
  /** Without a status the offer is sent all the same: a viewer's rights may cover the session topics only. */
  status: 3000,
  answer: 10_000,
  connect: 15_000,
  /** Without a frame for so long the path is probed, and again: a browser takes 5 s and more to notice that its address has changed. */
  probe: 700,
  probeAgain: 2000,
  /** ICE says so after seconds of silence: that was patience enough, a new path is sought. */
  disconnected: 200,
  /** The new path is sought again, in case that the offer or its answer was lost. */
  restartAgain: 3000,
  /** Then a new session is made; without the broker none can be, so the old one is tried for as long as the device keeps it. */
  restart: 12_000,
  restartWithoutBroker: 30_000,
  noFrames: 2000,
  /** The same where the device itself says that its camera gives nothing. */
  noFramesOfLostCamera: 500,
  /** A connected session of a live camera without a frame for so long is given up. */
  stuck: 12_000,
  backoff: [300, 1000, 2000, 4000, 8000, 15_000],
} as const;

/**
 * Decides when to open, give up and open again a session, and what to call the present state. Facts and time go in, decisions come
 * out: it reads no clock and sets no timer, so a day of trouble runs in a unit test in no time.
 */
export class Supervisor {
  readonly #actions: Actions;
  readonly #random: () => number;
  #phase: Phase = 'stopped';
  #brokerUp = false;
  #brokerWords = '';
  #device: DeviceView | null = null;
  #named = true;
  #searchWords = '';
  #hidden = false;
  #playBlocked = false;
  #wasLive = false;
  #attempts = 0;
  #since = 0;
  #retryAt = 0;
  #statusDeadline = 0;
  #lastFrame = Number.NEGATIVE_INFINITY;
  #disconnectedAt: number | null = null;
  #doubtedAt: number | null = null;
  #probedAt = Number.NEGATIVE_INFINITY;
  #restartedAt = Number.NEGATIVE_INFINITY;
  #noPath = '';
  #sessionBoot: string | null = null;
  #refusal = { code: 0, words: '' };
  #why = '';
  #state: ViewerState = { name: 'idle', words: headlines.idle, detail: '' };

  constructor(actions: Actions, random: () => number = Math.random) {
    this.#actions = actions;
    this.#random = random;
  }

  get state(): ViewerState {
    return this.#state;
  }

  /** Starts, or tries again at once after a refusal or a stop. */
  start(now: number): void {
    if (this.#phase !== 'stopped' && this.#phase !== 'refused' && this.#phase !== 'waiting') return;
    if (this.#phase === 'stopped') this.#wasLive = false;
    this.#attempts = 0;
    this.#noPath = '';
    this.#wait(now, 0, '');
    this.#statusDeadline = now + limits.status;
    this.#settle(now);
  }

  stop(now: number, reason = 'stopped'): void {
    if (this.#inSession) this.#actions.close(reason);
    this.#phase = 'stopped';
    this.#settle(now);
  }

  handleBroker(up: boolean, words: string, now: number): void {
    if (up && !this.#brokerUp) this.#statusDeadline = now + limits.status;
    if (up && !this.#brokerUp && this.#isPathBad) this.#restartedAt = Number.NEGATIVE_INFINITY;
    this.#brokerUp = up;
    this.#brokerWords = words;
    // Media needs no broker: a session that is connected goes on, one that is being made cannot.
    if (!up && (this.#phase === 'opening' || this.#phase === 'connecting')) this.#giveUp(now, 'the broker was lost', 0);
    this.#settle(now);
  }

  /** Whether it is known which device is wanted; where not, why none was found, in words. */
  handleSearch(named: boolean, words: string, now: number): void {
    this.#named = named;
    this.#searchWords = words;
    this.#settle(now);
  }

  /** Null: nothing is known of the device (any more). */
  handleDevice(device: DeviceView | null, now: number): void {
    const before = this.#device;
    const expected = this.#expectsFrames;
    this.#device = device;
    if (!expected && this.#expectsFrames && this.#phase === 'connected') this.#since = now; // the word that the camera is back may overtake its pictures
    const restarted = device?.online === true && device.bootId !== null && before?.bootId != null && device.bootId !== before.bootId;
    if (this.#inSession && device?.online === true) this.#sessionBoot ??= device.bootId; // the session was made before its status was known
    if (this.#inSession && device?.online === true && device.bootId !== null && device.bootId !== this.#sessionBoot)
      this.#giveUp(now, 'the device was restarted', 0);
    else if (this.#phase === 'refused' && (restarted || before?.device !== device?.device)) this.#wait(now, 0, '');
    else if (this.#phase === 'waiting' && device?.online === true && (before?.online !== true || before.cameraState !== device.cameraState))
      this.#retryAt = Math.min(this.#retryAt, now);
    this.#settle(now);
  }

  handleAnswer(now: number): void {
    if (this.#phase === 'opening') this.#enter('connecting', now);
    this.#settle(now);
  }

  handleRefusal(code: number, message: string, now: number): void {
    if (!this.#inSession && code !== ownRefusal) return; // one's own may come before there is anything
    this.#refusal = { code, words: refusalWords(code, message) };
    if (this.#inSession) this.#actions.close('refused');
    if (isPassing(code)) {
      this.#wait(now, Math.max(2000, this.#nextBackoff()), this.#refusal.words);
    } else {
      this.#phase = 'refused';
    }

    this.#settle(now);
  }

  /** The device said bye, or this side could not make the session. */
  handleEnd(reason: string, now: number): void {
    if (this.#inSession) this.#giveUp(now, reason, this.#nextBackoff());
    this.#settle(now);
  }

  handleTransport(state: TransportState, now: number): void {
    if (!this.#inSession) return;
    if (state === 'connected') {
      this.#disconnectedAt = this.#doubtedAt = null;
      if (this.#phase !== 'connected') {
        this.#enter('connected', now);
        this.#lastFrame = Number.NEGATIVE_INFINITY;
      }
    } else if (this.#phase === 'connected') {
      if (state === 'failed' && this.#disconnectedAt === null) this.#restartedAt = Number.NEGATIVE_INFINITY;
      this.#disconnectedAt ??= now;
      if (state === 'failed') this.#restart(now, limits.restartAgain);
    } else if (state === 'failed') {
      this.#giveUpPath(now);
    }

    this.#settle(now);
  }

  /** A probe was not answered. Where pictures have come in the meantime, that is old news; where the path is in doubt already, it is none. */
  handleSilence(now: number): void {
    if (this.#doubtedAt === null && now >= this.#lastFrame + limits.probe) this.handlePathInDoubt(now);
  }

  /** The latest probe was answered; one from before the doubt says nothing about it. */
  handleReply(now: number): void {
    if (this.#doubtedAt === null || this.#probedAt < this.#doubtedAt) return;
    this.#doubtedAt = null;
    this.#settle(now);
  }

  /** A probe was not answered, this machine's addresses changed, or the device says that its own did. */
  handlePathInDoubt(now: number): void {
    if (this.#phase === 'connected') {
      this.#doubtedAt ??= now;
      this.#restart(now, 1000);
    } else if (this.#phase === 'waiting') {
      this.#retryAt = Math.min(this.#retryAt, now);
    }

    this.#settle(now);
  }

  handleFrame(now: number): void {
    if (this.#phase !== 'connected') return;
    this.#lastFrame = now;
    this.#wasLive = true;
    this.#attempts = 0;
    this.#doubtedAt = null;
    this.#noPath = '';
    if (this.#state.name !== 'live') this.#settle(now);
  }

  /** Browsers stop drawing hidden pages: then a missing frame says nothing. */
  handleVisibility(hidden: boolean, now: number): void {
    if (this.#hidden && !hidden && Number.isFinite(this.#lastFrame)) this.#lastFrame = now;
    this.#hidden = hidden;
    this.#settle(now);
  }

  /** Browsers may want a gesture before they play even a muted picture (low power mode of iOS): until then a missing frame says nothing. */
  handlePlayBlocked(blocked: boolean, now: number): void {
    if (this.#playBlocked && !blocked && this.#phase === 'connected') this.#since = now;
    this.#playBlocked = blocked;
    this.#settle(now);
  }

  handleTimeout(now: number): void {
    if (this.#phase === 'opening' && now >= this.#since + limits.answer) {
      this.#giveUp(now, 'the device did not answer', this.#nextBackoff());
    } else if (this.#phase === 'connecting' && now >= this.#since + limits.connect) {
      this.#giveUpPath(now);
    } else if (this.#phase === 'connected' && this.#disconnectedAt !== null) {
      if (now >= this.#disconnectedAt + (this.#brokerUp ? limits.restart : limits.restartWithoutBroker)) this.#giveUp(now, 'the connection to the device was lost', 0);
      else if (now >= this.#disconnectedAt + limits.disconnected) this.#restart(now, limits.restartAgain);
    } else if (this.#phase === 'connected' && this.#expectsFrames && now >= Math.max(this.#since, this.#lastFrame) + limits.stuck) {
      this.#giveUp(now, 'no picture arrived', this.#nextBackoff());
    } else if (this.#phase === 'connected' && this.#doubtedAt !== null) {
      this.#pursueDoubt(now, this.#doubtedAt);
    } else if (this.#phase === 'connected' && this.#expectsFrames && now >= this.#lastFrame + limits.probe) {
      this.#probe(now);
    }

    this.#settle(now);
  }

  get #inSession(): boolean {
    return this.#phase === 'opening' || this.#phase === 'connecting' || this.#phase === 'connected';
  }

  get #isPathBad(): boolean {
    return this.#disconnectedAt !== null || this.#doubtedAt !== null;
  }

  /** Where none are due, their absence says nothing. */
  get #expectsFrames(): boolean {
    return !this.#hidden && !this.#playBlocked && this.#cameraIsLive;
  }

  get #cameraIsLive(): boolean {
    return this.#device === null || this.#device.cameraState === 'live';
  }

  get #cameraWords(): string {
    return this.#device === null ? '' : cameraWords(this.#device.camera, this.#device.cameraState, this.#device.cameraDetail);
  }

  #enter(phase: Phase, now: number): void {
    this.#phase = phase;
    this.#since = now;
  }

  #wait(now: number, delay: number, why: string): void {
    this.#enter('waiting', now);
    this.#retryAt = now + delay;
    this.#why = why;
  }

  #giveUp(now: number, why: string, delay: number): void {
    this.#actions.close(why);
    this.#wait(now, delay, why);
  }

  #giveUpPath(now: number): void {
    this.#noPath = this.#actions.explain();
    this.#giveUp(now, this.#noPath, this.#nextBackoff());
  }

  #restart(now: number, pause: number): void {
    if (now < this.#restartedAt + pause) return;
    this.#restartedAt = now;
    this.#actions.restart();
  }

  #probe(now: number): void {
    if (now < this.#probedAt + limits.probeAgain) return;
    this.#probedAt = now;
    this.#actions.probe();
  }

  /** Pictures end a doubt; where none are due, an answer to a probe does, or time: of a path that is lost for good ICE has told by then. */
  #pursueDoubt(now: number, doubtedAt: number): void {
    if (!this.#expectsFrames) {
      if (now >= doubtedAt + limits.restart) {
        this.#doubtedAt = null;
        return;
      }

      this.#probe(now);
    }

    this.#restart(now, limits.restartAgain);
  }

  #nextBackoff(): number {
    const step = limits.backoff[Math.min(this.#attempts++, limits.backoff.length - 1)] ?? 15_000;
    return Math.round(step * (0.75 + this.#random() / 2)); // jitter: forty viewers must not come back in step
  }

  #settle(now: number): void {
    if (this.#phase === 'waiting' && this.#brokerUp && now >= this.#retryAt && this.#mayOffer(now)) {
      this.#enter('opening', now);
      this.#disconnectedAt = this.#doubtedAt = null;
      this.#playBlocked = false; // a new picture, a new attempt
      this.#restartedAt = this.#probedAt = Number.NEGATIVE_INFINITY;
      this.#sessionBoot = this.#device?.bootId ?? null;
      this.#actions.open();
    }

    const [name, detail] = this.#describe(now);
    if (name !== this.#state.name || detail !== this.#state.detail) {
      this.#state = { name, words: headlines[name], detail };
      this.#actions.changed(this.#state);
    }
  }

  #mayOffer(now: number): boolean {
    if (!this.#named) return false;
    return this.#device === null ? now >= this.#statusDeadline : this.#device.online;
  }

  #describe(now: number): [StateName, string] {
    const trying: StateName = this.#wasLive ? 'reconnecting' : 'connecting';
    switch (this.#phase) {
      case 'stopped':
        return ['idle', ''];
      case 'refused':
        return ['refused', sentence(this.#refusal.words)];
      case 'waiting':
        return this.#describeWaiting(now, trying);
      case 'opening':
        return [trying, this.#noPath === '' ? `Asking ${this.#device?.device ?? 'the device'} for a picture` : `Trying again: ${this.#noPath}`];
      case 'connecting':
        return [trying, this.#noPath === '' ? 'Finding a path to the device' : `Trying again: ${this.#noPath}`];
      case 'connected':
        return this.#describeConnected(now, trying);
    }
  }

  #describeWaiting(now: number, trying: StateName): [StateName, string] {
    if (!this.#brokerUp) return [trying, this.#brokerWords === '' ? 'Reaching the broker' : this.#brokerWords];
    if (!this.#named && this.#searchWords === '' && now >= this.#statusDeadline) return ['waiting-for-device', 'No device is online'];
    if (this.#device === null && this.#why === '') return [trying, this.#searchWords === '' ? 'Looking for the device' : this.#searchWords];
    if (this.#device?.online === false) return ['waiting-for-device', `${this.#device.device} is offline; check its power and network`];
    if (!this.#cameraIsLive) return ['waiting-for-camera', this.#cameraWords];
    if (this.#refusal.code === 480 && this.#why === this.#refusal.words) return ['waiting-for-camera', sentence(this.#why)];
    const seconds = Math.ceil((this.#retryAt - now) / 1000);
    const next = seconds > 0 ? `; trying again in ${seconds} s` : '';
    return [trying, this.#why === '' ? `Calling ${this.#device?.device ?? 'the device'}` : `${sentence(this.#why)}${next}`];
  }

  #describeConnected(now: number, trying: StateName): [StateName, string] {
    const limit = this.#cameraIsLive ? limits.noFrames : limits.noFramesOfLostCamera;
    const fresh = now - this.#lastFrame < limit || (this.#hidden && this.#cameraIsLive && Number.isFinite(this.#lastFrame));
    if (fresh && !this.#playBlocked) return ['live', this.#brokerUp ? '' : 'The broker is out of reach; the picture needs none'];
    if (this.#isPathBad) return ['reconnecting', 'The connection was interrupted; looking for another path'];
    if (!this.#cameraIsLive) return ['waiting-for-camera', this.#cameraWords];
    if (this.#playBlocked) return [trying, 'Tap to play: this browser does not start the picture by itself'];
    if (Number.isFinite(this.#lastFrame)) return ['waiting-for-camera', 'Waiting for the next picture'];
    return [trying, 'Waiting for the first picture'];
  }
}

function sentence(text: string): string {
  return text === '' ? '' : text.charAt(0).toUpperCase() + text.slice(1);
}
