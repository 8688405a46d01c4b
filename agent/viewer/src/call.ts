import type { Access, AccessMode } from './access/access';
import { AccessError } from './access/access-error';
import { SessionAccess } from './access/session-access';
import { endedWords, expired, notTheDevice } from './access/words';
import type { Broker } from './broker';
import { FastChannel } from './fast';
import { askForCaptureTimes, preferH264, preferLowDelay } from './preferences';
import { RpcClient, RpcError } from './rpc';
import { readIceServers, Signaling, type Message } from './signaling';
import type { TransportState } from './supervisor';
import { ownRefusal, pathWords } from './words';

export interface CallOptions {
  readonly broker: Broker;
  readonly prefix: string;
  readonly device: string;
  readonly camera: string | null;
  readonly access: Access;
  /** How the device lets viewers in, as the page says; null where it does not. */
  readonly accessMode: AccessMode | null;
  /** Beside those that the device names. */
  readonly iceServers: readonly RTCIceServer[];
}

/** What happens in a call, as it happens; nothing comes after `close`. */
export interface CallEvents {
  answered(): void;
  refused(code: number, message: string): void;
  ended(reason: string): void;
  transport(state: TransportState): void;
  /** The device wants a new path, since its addresses have changed. */
  restartWanted(): void;
  track(stream: MediaStream): void;
  controlOpened(): void;
  notified(method: string, params: unknown): void;
}

const maximumEarlyCandidates = 64;
/** Milliseconds. A device that knows no hello is offered to all the same. */
const welcomeLimit = 2000;

/** Errors that say of a single message that it was malformed, too large, or one too many. */
const aboutOneMessage: ReadonlySet<number> = new Set([400, 413, 429]);

/** Who carries an offer, its answer and their candidates. */
type Way = 'broker' | 'channel';

/**
 * One session with a device: hello and welcome, which bring the ICE servers; the offer; and further offers that restart ICE on the same
 * peer connection, so that the picture stays where it is. These go over the broker or, where it is away, over the data channel.
 */
export class Call {
  readonly session: string;
  readonly rpc: RpcClient;
  readonly access: SessionAccess;
  readonly fast = new FastChannel((method, params) => this.rpc.notify(method, params));
  readonly #options: CallOptions;
  readonly #events: CallEvents;
  readonly #signaling: Signaling;
  #peer: RTCPeerConnection | null = null;
  #control: RTCDataChannel | null = null;
  #welcomed: ((message: Message | null) => void) | null = null;
  /** The welcome did not come in time: the first offer was gathered without its ICE servers. */
  #unwelcomed = false;
  /** ICE servers came too late for the first offer; a restart gathers from them, unless a path is found without. */
  #serversLate = false;
  #closed = false;
  /** The device has ended the session itself: it wants no bye. */
  #over = false;
  /** An answer was applied: there is a connection to restart. */
  #established = false;
  /** The device knows of the session. */
  #known = false;
  /** Counts offers, so that what a former one brings late is left alone. */
  #offers = 0;
  #way: Way = 'broker';
  /** The broker's connection that the latest offer went by. */
  #connection = 0;
  /** The number under which the latest offer went to the broker; null where it did not. */
  #offerSeq: number | null = null;
  /** An offer is out: candidates of the answer's side wait for it. */
  #awaiting = false;
  /** The offer has been sent: candidates of ours may follow. */
  #offered = false;
  #relays = 0;
  readonly #localCandidates: string[] = [];
  readonly #remoteCandidates: RTCIceCandidateInit[] = [];

  constructor(session: string, options: CallOptions, events: CallEvents) {
    this.session = session;
    this.#options = options;
    this.#events = events;
    this.access = new SessionAccess(options.access, options.device, session, options.accessMode);
    const topic = `${options.prefix}/${options.device}/session/${options.broker.clientId}/${session}`;
    this.#signaling = new Signaling(options.broker, topic, (message) => this.#handleMessage(message));
    options.broker.addEventListener('change', this.#onBroker);
    this.rpc = new RpcClient((text) => this.#sendControl(text), (method, params) => this.#handleNotification(method, params));
  }

  /** Makes the session and sends the first offer. */
  async open(): Promise<void> {
    try {
      await this.#signaling.open();
      if (this.#closed) return;
      const welcome = await this.#greet();
      if (this.#closed) return;
      this.#peer = this.#createPeer([...this.#options.iceServers, ...(welcome === null ? [] : readIceServers(welcome) ?? [])]);
      await this.#offer(this.#peer, {});
    } catch (error) {
      if (!this.#closed && error instanceof AccessError) this.#events.refused(ownRefusal, error.message);
      else if (!this.#closed) this.#end(error instanceof Error ? error.message : String(error));
    }
  }

  /** Goes on with another token; rejects where the device will not have it. */
  async renew(access: Access): Promise<void> {
    let answer: unknown = null;
    try {
      answer = await this.rpc.call('session.renew', await this.access.prepareRenewal(access));
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== -32601) throw error; // a device of old asks for no token at all
    }

    this.access.adopt(access, answer);
    this.#options.broker.present(access.token);
  }

  /** Seeks a new path for the connection there is. What comes of it, the transport's state says. */
  async restart(): Promise<void> {
    const peer = this.#peer;
    if (this.#closed || peer === null || !this.#established) return;
    try {
      if (peer.signalingState === 'have-local-offer') await peer.setLocalDescription({ type: 'rollback' });
      await this.#offer(peer, { iceRestart: true });
    } catch (error) {
      console.debug('no ICE restart:', error);
    }
  }

  get controlIsOpen(): boolean {
    return this.#control?.readyState === 'open';
  }

  getStats(): Promise<RTCStatsReport> | null {
    return this.#peer?.getStats() ?? null;
  }

  /** Why no path was found, and what to do about it. */
  get pathWords(): string {
    const servers = this.#peer?.getConfiguration().iceServers ?? [];
    return pathWords(servers.flatMap(({ urls }) => urls).some((url) => /^turns?:/.test(url)), this.#relays > 0);
  }

  close(reason: string): void {
    if (this.#closed) return;
    this.#signaling.close(this.#known && !this.#over ? reason : null);
    this.#closed = true;
    this.#options.broker.removeEventListener('change', this.#onBroker);
    this.#welcomed?.(null);
    this.rpc.close();
    const peer = this.#peer;
    if (peer === null) return;
    peer.onicecandidate = peer.ontrack = peer.onconnectionstatechange = peer.oniceconnectionstatechange = null;
    peer.close();
  }

  /** While the broker was away, credentials may have expired and fresh ones have gone astray: another welcome brings some. */
  readonly #onBroker = (): void => {
    if (this.#established && this.#signaling.up) this.#hello().catch((error: unknown) => console.debug('no hello:', error));
  };

  async #hello(): Promise<boolean> {
    return this.#signaling.send('hello', await this.access.introduce()) !== null;
  }

  /** Hello and welcome; once more where the first could not be proved, by the clock that the welcome told: gathering needs the ICE servers. */
  async #greet(): Promise<Message | null> {
    const welcome = await this.#introduce();
    if (this.#closed || welcome === null) return welcome;
    await this.access.handleWelcome(welcome);
    return this.#closed || !this.access.mustIntroduceAgain(welcome) ? welcome : ((await this.#introduce()) ?? welcome);
  }

  /** The device's welcome; null where it gives none in time. */
  async #introduce(): Promise<Message | null> {
    const welcome = new Promise<Message | null>((resolve) => (this.#welcomed = resolve));
    if (!(await this.#hello())) throw new Error('the broker was lost');
    const timer = setTimeout(() => this.#welcomed?.(null), welcomeLimit);
    const message = await welcome;
    clearTimeout(timer);
    this.#welcomed = null;
    this.#unwelcomed = message === null;
    return message;
  }

  #createPeer(iceServers: RTCIceServer[]): RTCPeerConnection {
    const peer = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
    const control = peer.createDataChannel('control', { protocol: 'edgecam.control.v1', ordered: true });
    control.onopen = () => this.#closed || this.#events.controlOpened();
    control.onmessage = (message) => {
      if (!this.#closed && typeof message.data === 'string') this.rpc.handleMessage(message.data);
    };
    // The other side has closed its end (RFC 8831 section 6.7): quicker news than ICE's.
    control.onclose = () => this.#closed || this.#end('the device closed the connection');
    this.#control = control;
    this.fast.open(peer);
    const transceiver = peer.addTransceiver('video', { direction: 'recvonly' });
    preferH264(transceiver);
    preferLowDelay(transceiver.receiver);
    askForCaptureTimes(transceiver);
    peer.ontrack = (event) => this.#closed || this.#events.track(event.streams[0] ?? new MediaStream([event.track]));
    peer.onicecandidate = (event) => this.#handleLocalCandidate(event.candidate);
    peer.onconnectionstatechange = () => this.#handleConnectionState(peer);
    // Of an interruption ICE tells first; and Firefox before 113 has no connection state at all.
    peer.oniceconnectionstatechange = () => {
      if (peer.connectionState === undefined || peer.iceConnectionState === 'disconnected') this.#handleConnectionState(peer);
    };
    return peer;
  }

  /** Offers: the first time over the broker; later over what is there, and over the other where one that was there has brought no answer. */
  async #offer(peer: RTCPeerConnection, options: RTCOfferOptions): Promise<void> {
    const number = ++this.#offers;
    const unanswered = this.#awaiting;
    this.#awaiting = true;
    this.#offered = false;
    this.#offerSeq = null;
    this.#localCandidates.length = this.#remoteCandidates.length = 0;
    await peer.setLocalDescription(await peer.createOffer(options));
    if (this.#closed || number !== this.#offers) return;
    const sdp = peer.localDescription?.sdp ?? '';
    const { connections } = this.#options.broker;
    const other = unanswered && this.#way === 'broker' && this.#connection === connections && this.controlIsOpen;
    this.#connection = connections;
    this.#way = this.#established && (other || !this.#signaling.up) ? 'channel' : 'broker';
    if (this.#way === 'broker') {
      const { camera } = this.#options;
      const proof = await this.access.prove(sdp);
      if (this.#closed || number !== this.#offers) return;
      this.#offerSeq = this.#signaling.send('offer', { sdp, ...(camera === null ? {} : { camera }), ...proof });
      if (this.#offerSeq === null) throw new Error('the broker was lost');
      this.#known = true;
      this.#flushCandidates();
      return;
    }

    const answer = this.rpc.call('session.offer', { sdp });
    this.#flushCandidates();
    const message = await answer;
    if (!this.#closed && number === this.#offers && typeof message === 'object' && message !== null) await this.#handleAnswer(message as Message);
  }

  #flushCandidates(): void {
    this.#offered = true;
    for (const candidate of this.#localCandidates.splice(0)) this.#sendCandidate(candidate, '0');
  }

  #handleLocalCandidate(candidate: RTCIceCandidate | null): void {
    if (candidate?.candidate === '') return; // Firefox ends each component with one; null ends them all
    if (candidate?.type === 'relay' || / typ relay/.test(candidate?.candidate ?? '')) this.#relays++;
    const line = candidate?.candidate ?? '';
    if (this.#offered && !this.#over) this.#sendCandidate(line, candidate?.sdpMid ?? '0');
    else if (this.#localCandidates.length < maximumEarlyCandidates) this.#localCandidates.push(line);
  }

  #sendCandidate(candidate: string, sdpMid: string): void {
    if (this.#way === 'broker') this.#signaling.send('candidate', { candidate, sdpMid });
    else this.rpc.notify('session.candidate', { candidate, sdpMid });
  }

  #sendControl(text: string): boolean {
    if (!this.controlIsOpen) return false;
    this.#control?.send(text);
    return true;
  }

  #handleMessage(message: Message): void {
    switch (message['type']) {
      case 'welcome':
        if (this.#welcomed !== null) this.#welcomed(message);
        else this.#handleLateWelcome(message);
        break;
      case 'answer':
        if (this.#way === 'broker' && this.#isAboutLatest(message)) void this.#handleAnswer(message);
        break;
      case 'candidate':
        this.#handleRemoteCandidate(message);
        break;
      case 'ice-servers':
        this.#useIceServers(message);
        break;
      case 'restart':
        this.#events.restartWanted();
        break;
      case 'error':
        if (this.#isAboutLatest(message))
          this.#handleError(typeof message['code'] === 'number' ? message['code'] : 400, typeof message['message'] === 'string' ? message['message'] : '', message['re'] !== undefined);
        break;
      case 'bye':
        this.#over = true;
        this.#end(typeof message['reason'] === 'string' && message['reason'] !== '' ? `the device ended it: ${message['reason']}` : 'the device ended it', endedWords(message['cause'], message['reason']));
        break;
      default: // a later device may say more
    }
  }

  /** The session's own notifications on the data channel, for when the broker is away; the others are passed on. */
  #handleNotification(method: string, params: unknown): void {
    const message = (typeof params === 'object' && params !== null ? params : {}) as Message;
    if (method === 'session.candidate') this.#handleRemoteCandidate(message);
    else if (method === 'session.iceServers') this.#useIceServers(message);
    else if (method === 'session.restart') this.#events.restartWanted();
    else {
      if (method === 'session.accessExpires') this.access.handleExpiry(params);
      this.#events.notified(method, params);
      const ended = method === 'session.accessEnded' ? endedWords(message['cause'] ?? 'revoked', message['reason']) : null;
      if (ended !== null && !this.#closed) this.#events.refused(ownRefusal, ended); // before the connection goes, which says nothing of why
    }
  }

  /**
   * However the device ends a session whose token's time is over, and whatever it says: that is why.
   * @param access why the viewer's access ended, where it is that: another session would be refused.
   */
  #end(reason: string, access: string | null = null): void {
    if (this.access.isOver) this.#events.refused(ownRefusal, expired);
    else if (access !== null) this.#events.refused(ownRefusal, access);
    else this.#events.ended(reason);
  }

  /** Of an established session it brings fresh credentials; of one that went without, its first ICE servers. */
  #handleLateWelcome(message: Message): void {
    this.access.noteTime(message);
    this.#useIceServers(message);
    if (!this.#unwelcomed) return;
    this.#unwelcomed = false;
    this.#serversLate = (readIceServers(message)?.length ?? 0) > 0;
    if (this.#established) this.#gatherLate();
  }

  #gatherLate(): void {
    if (!this.#serversLate || this.#peer === null) return;
    this.#serversLate = false;
    if (stateOf(this.#peer) !== 'connected') void this.restart();
  }

  /** Each offer has but its own answer. A device of an earlier version does not say whose it is. */
  #isAboutLatest(message: Message): boolean {
    return message['re'] === undefined || message['re'] === this.#offerSeq;
  }

  /**
   * A refused restart leaves the connection as it is: whether it still carries anything, ICE finds out. So does one message that the
   * device would not read, a candidate too many or a hello too soon: such an error names no offer.
   */
  #handleError(code: number, message: string, named: boolean): void {
    if (this.#established && this.#awaiting) return console.debug('the device refused an ICE restart:', code, message);
    if (this.#established && !named && aboutOneMessage.has(code)) return console.debug('the device refused a message:', code, message);
    this.#over = true;
    if (this.access.isOver) this.#end(message);
    else this.#events.refused(code, message);
  }

  async #handleAnswer(message: Message): Promise<void> {
    const peer = this.#peer;
    if (peer === null || !this.#awaiting || peer.signalingState !== 'have-local-offer' || typeof message['sdp'] !== 'string') return;
    const number = this.#offers;
    if (this.#way === 'broker' && !(await this.#isOwn(message))) return;
    if (this.#closed || number !== this.#offers || peer.signalingState !== 'have-local-offer') return;
    try {
      await peer.setRemoteDescription({ type: 'answer', sdp: message['sdp'] });
    } catch (error) {
      if (!this.#closed && !this.#established) this.#end(`the browser refused the answer: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }

    if (this.#closed || number !== this.#offers) return;
    this.#useIceServers(message);
    this.#awaiting = false;
    for (const candidate of this.#remoteCandidates.splice(0)) this.#addRemoteCandidate(peer, candidate);
    if (this.#established) return;
    this.#established = true;
    this.#events.answered();
    this.#gatherLate();
  }

  /**
   * Whether an answer that the broker brought is the device's own. One that is not ends a session before there is anything to it; what is
   * there already was found to be the device's, and stays.
   */
  async #isOwn(message: Message): Promise<boolean> {
    let isOwn = false;
    try {
      isOwn = await this.access.verify(message);
    } catch (error) {
      if (!this.#closed && !this.#established) this.#end(`the answer could not be verified: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }

    if (isOwn || this.#closed) return isOwn;
    if (this.#established) console.debug('an answer that is not the device\'s is left alone');
    else this.#events.refused(ownRefusal, notTheDevice);
    return false;
  }

  #handleRemoteCandidate(message: Message): void {
    if (typeof message['candidate'] !== 'string') return;
    const sdpMid = typeof message['sdpMid'] === 'string' ? message['sdpMid'] : null;
    const candidate = sdpMid === null ? { candidate: message['candidate'], sdpMLineIndex: 0 } : { candidate: message['candidate'], sdpMid };
    if (this.#peer !== null && !this.#awaiting) this.#addRemoteCandidate(this.#peer, candidate);
    else if (this.#remoteCandidates.length < maximumEarlyCandidates) this.#remoteCandidates.push(candidate);
  }

  #addRemoteCandidate(peer: RTCPeerConnection, candidate: RTCIceCandidateInit): void {
    // A candidate that this browser cannot use (a kind it does not know) costs a path, not the session.
    peer.addIceCandidate(candidate).catch((error: unknown) => console.debug('candidate left out:', error));
  }

  /** Fresh credentials take effect with the next gathering: at a restart, and at a relay's refresh nothing changes. */
  #useIceServers(message: Message): void {
    const servers = readIceServers(message);
    if (servers === null || this.#peer === null) return;
    try {
      this.#peer.setConfiguration({ ...this.#peer.getConfiguration(), iceServers: [...this.#options.iceServers, ...servers] });
    } catch (error) {
      console.debug('ICE servers left out:', error);
    }
  }

  #handleConnectionState(peer: RTCPeerConnection): void {
    if (this.#closed) return;
    const state = stateOf(peer);
    if (state !== null) this.#events.transport(state);
  }
}

/** Null while a path is sought for the first time. */
function stateOf(peer: RTCPeerConnection): TransportState | null {
  const state: string = peer.iceConnectionState === 'disconnected' ? 'disconnected' : (peer.connectionState ?? peer.iceConnectionState);
  if (state === 'connected' || state === 'completed') return 'connected';
  if (state === 'disconnected') return 'disconnected';
  return state === 'failed' || state === 'closed' ? 'failed' : null;
}
