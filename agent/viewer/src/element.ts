import { AccessElement } from './access/access-element';
import { Broker } from './broker';
import type { Call } from './call';
import { SessionControl, type DeviceControl } from './device-control';
import { Directory } from './directory';
import { watchPage, type LifecycleEvents } from './lifecycle';
import { isCameraName, isDeviceName, isPrefix, resolveBroker } from './link';
import { watchNetwork } from './network';
import { qualities, readQuality, Selector, type Quality } from './selector';
import { savePicture, takeSnapshot, toggleFullScreen } from './picture';
import { Playback } from './playback';
import { Session } from './session';
import { describeStatistics, type Statistics } from './statistics';
import { realTimers } from './controls/timers';
import { Supervisor, type DeviceView } from './supervisor';
import { View } from './view';
import { ownRefusal, type ViewerState } from './words';

export { OpenedLinks, tabShelf } from './access/opened-link';
export { Broker } from './broker';
export { EdgeCamControls } from './controls/controls';
export type { DeviceControl } from './device-control';
export { Directory } from './directory';
export { formatLink, isDeviceName, isOwnBroker, parseIceServers, parseLink, parseSettings, resolveBroker, type Link, type Settings } from './link';
export { RpcError } from './rpc';
export type { DeviceStatus } from './status';
export type { Statistics } from './statistics';
export type { StateName, ViewerState } from './words';

/**
 * A live picture of one camera of one device.
 *
 *     <script type="module" src="https://device.example/edgecam-viewer.js"></script>
 *     <edgecam-viewer broker="wss://broker.example/mqtt" device="front-door" camera="cam0" controls autoplay></edgecam-viewer>
 *
 * Attributes: `broker` (WebSocket address; a path means this host; default /mqtt), `prefix` (of the topics; default edgecam/v1),
 * `device` (default: the first one online), `camera` (default: the device's first; another one is shown by the running session),
 * `quality` (`auto`, what the network carries; `high`; `low`), `controls` (shows the buttons), `autoplay` (starts by itself),
 * `statistics` (shows the overlay). Properties: `token`, `holderKey` and `identity` (of a link; another token is taken up in the running
 * session: set one at the message `session.accessExpires`), `iceServers`, `state`, `stats`, `deviceInfo`, `deviceName`, `cameraName`, `video`,
 * `control`. Methods: `start()`, `stop()`, `restart()`, `request(method, params)` (JSON-RPC over the channel `control`),
 * `captureTime(rtpTimestamp)`, `snapshot()`, `saveSnapshot()`, `toggleFullScreen()`, `toggleStatistics()`.
 * Events (`detail`): `statechange` ({@link ViewerState}), `stats` ({@link Statistics}), `message` (a notification of the device: method and
 * params), `camerachange` (another camera's picture is shown, or is waited for), `camerachanging` (true: another camera's picture is to come,
 * the present one's head is let go of; false: it is there, or the former one stays), `deviceinfo` (the answer to device.info), `controlopen` and
 * `controlclose` (whether {@link control} reaches it).
 * Style: custom properties `--edgecam-accent -background -radius`, parts `stage video notice note badge statistics bar`.
 */
export class EdgeCamViewer extends AccessElement {
  static readonly observedAttributes = ['broker', 'prefix', 'device', 'camera', 'quality', 'controls', 'statistics'];

  iceServers: readonly RTCIceServer[] = [];

  /** For what steers the device: beside calls, words that are fresh or not said at all. */
  readonly control: DeviceControl = new SessionControl(() => this.#session, () => this.cameraName);

  readonly #view: View;
  readonly #playback: Playback;
  readonly #supervisor: Supervisor;
  readonly #selector = new Selector(this.control, realTimers, {
    changed: () => this.#showCamera(),
    turning: () => this.#emit('camerachanging', true),
    turned: () => this.#emit('camerachanging', false),
    restart: () => this.restart(),
  });
  #broker: Broker | null = null;
  #directory: Directory | null = null;
  #session: Session | null = null;
  #chosen: string | null = null;
  #deviceInfo: unknown = null;
  #stats: Statistics | null = null;
  #clock: ReturnType<typeof setInterval> | undefined;
  #ticks = 0;
  #unwatch = (): void => {};
  #settingUp = false;

  constructor() {
    super();
    this.#view = new View(this.attachShadow({ mode: 'open', delegatesFocus: false }));
    this.#playback = new Playback(this.#view.video, {
      frame: (metadata) => {
        this.#supervisor.handleFrame(performance.now());
        this.#session?.handleFrame(metadata);
      },
      blocked: () => this.#supervisor.handlePlayBlocked(true, performance.now()),
    });
    this.#supervisor = new Supervisor({
      open: () => this.#open(),
      close: (reason) => this.#close(reason),
      probe: () => void this.#probe(),
      restart: () => void this.#session?.call.restart(),
      explain: () => this.#session?.call.pathWords ?? '',
      changed: (state) => this.#showState(state),
    });
    this.#view.showState(this.state);
    this.#view.showPicture(false);
    this.#wireControls();
  }

  connectedCallback(): void {
    const unwatch = [watchPage(this.#lifecycle), watchNetwork(() => this.#supervisor.handlePathInDoubt(performance.now()))];
    this.#unwatch = () => unwatch.forEach((end) => end());
    if (this.hasAttribute('autoplay')) this.start();
  }

  disconnectedCallback(): void {
    this.#unwatch();
    this.stop();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (name === 'controls') this.#view.showBar(after !== null);
    else if (name === 'statistics') this.#view.statisticsShown = after !== null;
    else if (name === 'quality' || (name === 'camera' && this.control.isOpen && !this.#settingUp)) this.#select();
    else this.restart();
  }

  get state(): ViewerState {
    return this.#supervisor.state;
  }

  get stats(): Statistics | null {
    return this.#stats;
  }

  /** The device's answer to device.info, once it has come. */
  get deviceInfo(): unknown {
    return this.#deviceInfo;
  }

  /** The device that is watched: the attribute's, or the one found. */
  get deviceName(): string | null {
    return this.#chosen;
  }

  /** The camera whose picture is shown, or asked for while there is no session. */
  get cameraName(): string | null {
    return this.#selector.camera ?? this.#wantedCamera;
  }

  /** `auto`, `high` or `low`. */
  get quality(): Quality {
    return readQuality(this.getAttribute('quality'));
  }

  get #wantedCamera(): string | null {
    const named = this.getAttribute('camera');
    if (isCameraName(named)) return named;
    const device = this.#chosen;
    return device === null ? null : (this.#directory?.get(device)?.cameras[0]?.name ?? null);
  }

  /** The video element, for scripts that look at the picture. */
  get video(): HTMLVideoElement {
    return this.#view.video;
  }

  /** Starts, or tries again at once. */
  start(): void {
    if (!this.isConnected) return;
    const obstacle = this.accessObstacle;
    if (obstacle !== null) return this.#supervisor.handleRefusal(ownRefusal, obstacle, performance.now());
    if (this.#broker === null) this.#setUp();
    this.#supervisor.start(performance.now());
  }

  stop(): void {
    this.#supervisor.stop(performance.now());
    this.#tearDown();
  }

  /**
   * Starts again with what is set by now, a new token for instance; a viewer that is stopped stays so. Several things are often set in
   * one go: it starts once, after them all.
   */
  restart(): void {
    if (this.state.name === 'idle' || this.#settingUp) return;
    this.#settingUp = true;
    queueMicrotask(() => {
      this.#settingUp = false;
      if (this.state.name === 'idle') return;
      this.stop();
      this.video.srcObject = null;
      this.#view.showPicture(false);
      this.start();
    });
  }

  /** Calls a method of the device over the data channel `control` (JSON-RPC 2.0); rejects with {@link RpcError}. */
  request(method: string, params?: unknown): Promise<unknown> {
    return this.control.call(method, params);
  }

  /** When the picture of an RTP timestamp (as requestVideoFrameCallback tells it) was captured, in the page's performance.now; null where unknown. */
  captureTime(rtpTimestamp: number): number | null {
    return this.#session?.captureTime(rtpTimestamp) ?? null;
  }

  /** The present picture as PNG. */
  snapshot(): Promise<Blob> {
    return takeSnapshot(this.video);
  }

  /** Saves the present picture as a file named after device, camera and time. */
  async saveSnapshot(): Promise<void> {
    savePicture(await this.snapshot(), [this.deviceName ?? 'camera', this.cameraName]);
    this.#view.flash();
  }

  toggleFullScreen(): void {
    toggleFullScreen(this, this.video);
  }

  toggleStatistics(): void {
    this.toggleAttribute('statistics');
  }

  /** The viewer's keys; true where the key was one. A page may pass on keys pressed outside the element. */
  handleKey(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
    const act = this.#actionOf(event.key);
    if (act !== null && !event.repeat) act(); // a key that is held is one wish
    return act !== null;
  }

  #actionOf(key: string): (() => void) | null {
    switch (key) {
      case 'f': return () => this.toggleFullScreen();
      case 's': return () => void this.saveSnapshot().catch(() => {});
      case 'q': return this.#hasQualities ? () => this.#changeQuality() : null;
      case 'i': return () => this.toggleStatistics();
      case ' ': return () => this.#toggleRun();
      default: return null;
    }
  }

  #wireControls(): void {
    const view = this.#view;
    view.again.onclick = () => this.start();
    view.run.onclick = () => this.#toggleRun();
    view.qualityButton.onclick = () => this.#changeQuality();
    view.statisticsButton.onclick = () => this.toggleStatistics();
    view.statisticsButton.setAttribute('aria-pressed', 'false');
    view.snapshotButton.onclick = () => void this.saveSnapshot().catch(() => {});
    view.fullScreenButton.onclick = () => this.toggleFullScreen();
    view.stage.addEventListener('dblclick', (event) => {
      if (!(event.target instanceof Element) || event.target.closest('button, .statistics') === null) this.toggleFullScreen();
    });
    view.stage.addEventListener('keydown', (event) => {
      const onButton = event.target instanceof HTMLButtonElement && event.key === ' ';
      if (!onButton && this.handleKey(event)) event.preventDefault();
    });
    view.video.addEventListener('loadeddata', () => view.showPicture(true));
    view.video.addEventListener('playing', () => this.#supervisor.handlePlayBlocked(false, performance.now()));
    // Where autoplay is refused even to a muted picture (low power mode), a gesture starts it: of a touch's events the click is one.
    for (const name of ['pointerdown', 'click', 'keydown'] as const) view.stage.addEventListener(name, () => this.#playback.play());
  }

  #toggleRun(): void {
    if (this.state.name === 'idle') this.start();
    else this.stop();
  }

  #setUp(): void {
    const prefix = this.getAttribute('prefix');
    const device = this.getAttribute('device');
    this.#chosen = isDeviceName(device) ? device : null;
    const usedPrefix = isPrefix(prefix) ? prefix : 'edgecam/v1';
    let address: string;
    try {
      address = resolveBroker(this.getAttribute('broker') ?? '/mqtt', location);
    } catch (error) {
      return this.#supervisor.handleBroker(false, error instanceof Error ? error.message : String(error), performance.now());
    }

    this.#broker = Broker.acquire(address, this.token);
    this.#broker.addEventListener('change', this.#onBroker);
    this.#directory = new Directory(this.#broker, usedPrefix, this.#chosen);
    this.#directory.addEventListener('change', this.#onDirectory);
    this.#clock = setInterval(() => this.#tick(), 250);
    this.#onBroker();
    this.#onDirectory();
  }

  #tearDown(): void {
    clearInterval(this.#clock);
    this.#directory?.removeEventListener('change', this.#onDirectory);
    this.#directory?.close();
    this.#directory = null;
    this.#broker?.removeEventListener('change', this.#onBroker);
    // A moment, so that the bye is written before the connection ends.
    const broker = this.#broker;
    if (broker !== null) setTimeout(() => broker.release(), 200);
    this.#broker = null;
    this.#supervisor.handleDevice(null, performance.now());
  }

  #open(): void {
    const broker = this.#broker;
    const device = this.#chosen;
    if (broker === null || device === null) return this.#supervisor.handleEnd('no device is named', performance.now());
    const prefix = this.getAttribute('prefix');
    const camera = this.#wantedCamera;
    this.#selector.begin(camera, this.quality);
    this.#session = new Session(
      { broker, device, prefix: isPrefix(prefix) ? prefix : 'edgecam/v1', camera, access: this.access, accessMode: this.accessMode, iceServers: this.iceServers },
      {
        answered: () => this.#supervisor.handleAnswer(performance.now()),
        refused: (code, message) => this.#supervisor.handleRefusal(code, message, performance.now()),
        ended: (reason) => this.#supervisor.handleEnd(reason, performance.now()),
        transport: (state) => this.#supervisor.handleTransport(state, performance.now()),
        restartWanted: () => this.#supervisor.handlePathInDoubt(performance.now()),
        track: (stream) => this.#playback.show(stream),
        controlOpened: () => this.#handleControlOpened(),
        notified: (method, params) => {
          this.#selector.handleNotification(method, params);
          this.#emit('message', { method, params });
        },
      });
  }

  protected get renewableCall(): Call | null {
    return !this.#settingUp && this.#session?.call.controlIsOpen === true ? this.#session.call : null;
  }

  #close(reason: string): void {
    if (this.#session === null) return;
    this.#session.close(reason);
    this.#session = null;
    this.#selector.end();
    this.#view.showNote('');
    this.#emit('controlclose', null);
  }

  async #probe(): Promise<void> {
    const session = this.#session;
    this.#broker?.probe();
    const answered = session === null ? null : await session.probe();
    if (session !== this.#session) return;
    if (answered === true) this.#supervisor.handleReply(performance.now());
    else if (answered === false) this.#supervisor.handleSilence(performance.now());
  }

  #handleControlOpened(): void {
    this.#emit('controlopen', null);
    this.#selector.open();
    void this.#askDevice();
  }

  async #askDevice(): Promise<void> {
    try {
      this.#deviceInfo = await this.request('device.info');
      this.#emit('deviceinfo', this.#deviceInfo);
    } catch (error) {
      console.debug('device.info:', error);
    }
  }

  #tick(): void {
    this.#supervisor.handleTimeout(performance.now());
    if (++this.#ticks % 4 === 0 && this.#session !== null) void this.#measure(this.#session);
  }

  async #measure(session: Session): Promise<void> {
    const measured = await session.measure();
    if (measured === null || session !== this.#session) return;
    if (measured.grew && (!this.#playback.tellsFrames || document.hidden)) this.#supervisor.handleFrame(performance.now());
    this.#stats = measured.statistics;
    if (!measured.comparable) return;
    this.#view.showStatistics([...describeStatistics(this.#stats), ...session.call.access.describe()],this.#stats.bitrate);
    this.#emit('stats', this.#stats);
  }

  #showState(state: ViewerState): void {
    this.#view.showState(state);
    this.#emit('statechange', state);
  }

  /** What is wanted by now, of the session that there is. */
  #select(): void {
    if (this.#session !== null) this.#selector.want(this.#wantedCamera, this.quality);
    this.#showCamera();
  }

  #changeQuality(): void {
    this.setAttribute('quality', qualities[(qualities.indexOf(this.quality) + 1) % qualities.length] ?? 'auto');
  }

  get #hasQualities(): boolean {
    return this.#chosen !== null && this.#directory?.get(this.#chosen)?.cameras.find(({ name }) => name === this.cameraName)?.substream === true;
  }

  #showCamera(): void {
    this.#view.showNote(this.#selector.words);
    this.#onDirectory();
    this.#emit('camerachange', this.cameraName);
  }

  #emit(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  readonly #onBroker = (): void => {
    if (this.#broker !== null) this.#supervisor.handleBroker(this.#broker.up, this.#broker.words, performance.now());
  };

  readonly #onDirectory = (): void => {
    const directory = this.#directory;
    if (directory === null) return;
    this.#chosen ??= directory.devices.find((device) => device.online)?.device ?? null;
    const status = this.#chosen === null ? null : directory.get(this.#chosen);
    this.#view.showName([this.#chosen, this.cameraName].filter((part) => part !== null).join(' / '));
    let view: DeviceView | null = null;
    if (status !== null) {
      const camera = this.cameraName;
      const { state: cameraState, detail: cameraDetail } = status.cameras.find((c) => c.name === camera) ?? { state: 'live', detail: null };
      view = { device: status.device, online: status.online, bootId: status.bootId, camera, cameraState, cameraDetail };
    }

    this.#view.showQuality(this.#hasQualities ? this.quality : null, this.#selector.stream === 'sub');
    this.#selector.handleCameras(status?.cameras ?? []);
    this.#supervisor.handleSearch(this.#chosen !== null, directory.words, performance.now());
    this.#supervisor.handleDevice(view, performance.now());
  };

  readonly #lifecycle: LifecycleEvents = {
    visibility: (hidden) => {
      this.#supervisor.handleVisibility(hidden, performance.now());
      if (!hidden) this.#playback.play();
    },
    leave: () => {
      const runs = this.state.name !== 'idle';
      this.stop();
      return runs;
    },
    back: () => this.start(),
  };
}

if (customElements.get('edgecam-viewer') === undefined) customElements.define('edgecam-viewer', EdgeCamViewer);

declare global {
  interface HTMLElementTagNameMap {
    'edgecam-viewer': EdgeCamViewer;
  }
}
