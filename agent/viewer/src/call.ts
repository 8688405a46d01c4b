import type { Broker } from './broker';
import { parseIceServers, randomName } from './link';
import type { TransportState } from './supervisor';

export interface CallOptions {
  readonly broker: Broker;
  readonly prefix: string;
  readonly device: string;
  readonly camera: string | null;
  readonly token: string | null;
  readonly iceServers: readonly RTCIceServer[];
}

/** What happens in a call, as it happens; nothing comes after `close`. */
export interface CallEvents {
  answered(): void;
  refused(code: number, message: string): void;
  ended(reason: string): void;
  transport(state: TransportState): void;
  track(stream: MediaStream): void;
  controlOpened(): void;
  controlMessage(text: string): void;
}

const maximumEarlyCandidates = 64;

/**
 * One session with a device: signaling on its two topics and the peer connection it makes. Left out: hello and welcome (the
 * device named in its status needs no introduction) and renegotiation by a second offer (a new session is as quick on this path).
 */
export class Call {
  readonly session = randomName(20);
  readonly #options: CallOptions;
  readonly #events: CallEvents;
  readonly #topic: string;
  readonly #peer: RTCPeerConnection;
  readonly #control: RTCDataChannel;
  #cancel: (() => void) | null = null;
  #sent = 0;
  #lastSeen = -1;
  #closed = false;
  #offered = false;
  /** The device has ended the session itself: it wants no bye. */
  #over = false;
  #answered = false;
  readonly #localCandidates: string[] = [];
  readonly #remoteCandidates: RTCIceCandidateInit[] = [];

  constructor(options: CallOptions, events: CallEvents) {
    this.#options = options;
    this.#events = events;
    this.#topic = `${options.prefix}/${options.device}/session/${options.broker.clientId}/${this.session}`;
    this.#peer = new RTCPeerConnection({ iceServers: [...options.iceServers], bundlePolicy: 'max-bundle' });
    this.#control = this.#peer.createDataChannel('control', { protocol: 'edgecam.control.v1', ordered: true });
    this.#control.onopen = () => this.#closed || events.controlOpened();
    this.#control.onmessage = (message) => {
      if (!this.#closed && typeof message.data === 'string') events.controlMessage(message.data);
    };
    // The other side has closed its end (RFC 8831 section 6.7): quicker news than ICE's.
    this.#control.onclose = () => this.#closed || events.ended('the device closed the connection');
    const transceiver = this.#peer.addTransceiver('video', { direction: 'recvonly' });
    preferH264(transceiver);
    preferLowDelay(transceiver.receiver);
    this.#peer.ontrack = (event) => this.#closed || events.track(event.streams[0] ?? new MediaStream([event.track]));
    this.#peer.onicecandidate = (event) => this.#handleLocalCandidate(event.candidate);
    this.#peer.onconnectionstatechange = () => this.#handleConnectionState();
    // Firefox before 113 has no connection state; the ICE state says nearly the same.
    if (this.#peer.connectionState === undefined) this.#peer.oniceconnectionstatechange = () => this.#handleConnectionState();
  }

  /** Sends the offer. Answers and candidates may come at once, so the subscription is granted before anything is sent. */
  async open(): Promise<void> {
    try {
      const [cancel] = await Promise.all([
        this.#options.broker.subscribe(`${this.#topic}/to-viewer`, (_, payload) => this.#handleMessage(payload), false),
        this.#peer.setLocalDescription(),
      ]);
      this.#cancel = cancel;
      if (this.#closed) return cancel();
      const { camera, token } = this.#options;
      const offer = { sdp: this.#peer.localDescription?.sdp ?? '', ...(camera === null ? {} : { camera }), ...(token === null ? {} : { token }) };
      if (!this.#send('offer', offer)) throw new Error('the broker was lost');
      this.#offered = true;
      for (const candidate of this.#localCandidates.splice(0)) this.#send('candidate', { candidate, sdpMid: '0' });
    } catch (error) {
      if (!this.#closed) this.#events.ended(error instanceof Error ? error.message : String(error));
    }
  }

  get controlIsOpen(): boolean {
    return this.#control.readyState === 'open';
  }

  sendControl(text: string): boolean {
    if (!this.controlIsOpen) return false;
    this.#control.send(text);
    return true;
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#peer.getStats();
  }

  close(reason: string): void {
    if (this.#closed) return;
    if (this.#offered && !this.#over && this.#send('bye', { reason })) this.#options.broker.flush();
    this.#closed = true;
    this.#cancel?.();
    this.#peer.onicecandidate = this.#peer.ontrack = this.#peer.onconnectionstatechange = null;
    this.#peer.close();
  }

  #send(type: string, members: Record<string, unknown>): boolean {
    const message = { v: 1, type, seq: this.#sent + 1, ...members };
    if (this.#closed || !this.#options.broker.publish(`${this.#topic}/to-device`, JSON.stringify(message))) return false;
    this.#sent++;
    return true;
  }

  #handleLocalCandidate(candidate: RTCIceCandidate | null): void {
    if (candidate?.candidate === '') return; // Firefox ends each component with one; null ends them all
    const line = candidate?.candidate ?? '';
    if (this.#offered && !this.#over) this.#send('candidate', { candidate: line, sdpMid: candidate?.sdpMid ?? '0' });
    else if (this.#localCandidates.length < maximumEarlyCandidates) this.#localCandidates.push(line);
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
    const message = read as Record<string, unknown>;
    const seq = message['seq'];
    if (message['v'] !== 1 || typeof seq !== 'number' || seq <= this.#lastSeen) return; // QoS 1 may deliver twice
    this.#lastSeen = seq;
    switch (message['type']) {
      case 'answer':
        void this.#handleAnswer(message);
        break;
      case 'candidate':
        this.#handleRemoteCandidate(message);
        break;
      case 'ice-servers':
        this.#useIceServers(message['iceServers']);
        break;
      case 'error':
        this.#over = true;
        this.#events.refused(typeof message['code'] === 'number' ? message['code'] : 400, typeof message['message'] === 'string' ? message['message'] : '');
        break;
      case 'bye':
        this.#over = true;
        this.#events.ended(typeof message['reason'] === 'string' && message['reason'] !== '' ? `the device ended it: ${message['reason']}` : 'the device ended it');
        break;
      default: // a later device may say more
    }
  }

  async #handleAnswer(message: Record<string, unknown>): Promise<void> {
    if (this.#answered || typeof message['sdp'] !== 'string') return;
    this.#useIceServers(message['iceServers']);
    try {
      await this.#peer.setRemoteDescription({ type: 'answer', sdp: message['sdp'] });
    } catch (error) {
      if (!this.#closed) this.#events.ended(`the browser refused the answer: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }

    if (this.#closed) return;
    this.#answered = true;
    for (const candidate of this.#remoteCandidates.splice(0)) this.#addRemoteCandidate(candidate);
    this.#events.answered();
  }

  #handleRemoteCandidate(message: Record<string, unknown>): void {
    if (typeof message['candidate'] !== 'string') return;
    const sdpMid = typeof message['sdpMid'] === 'string' ? message['sdpMid'] : null;
    const candidate = sdpMid === null ? { candidate: message['candidate'], sdpMLineIndex: 0 } : { candidate: message['candidate'], sdpMid };
    if (this.#answered) this.#addRemoteCandidate(candidate);
    else if (this.#remoteCandidates.length < maximumEarlyCandidates) this.#remoteCandidates.push(candidate);
  }

  #addRemoteCandidate(candidate: RTCIceCandidateInit): void {
    // A candidate that this browser cannot use (a kind it does not know) costs a path, not the session.
    this.#peer.addIceCandidate(candidate).catch((error: unknown) => console.debug('candidate left out:', error));
  }

  #useIceServers(value: unknown): void {
    const iceServers = parseIceServers(value);
    if (iceServers.length === 0) return;
    try {
      this.#peer.setConfiguration({ ...this.#peer.getConfiguration(), iceServers });
    } catch (error) {
      console.debug('ICE servers left out:', error);
    }
  }

  #handleConnectionState(): void {
    if (this.#closed) return;
    const state: string = this.#peer.connectionState ?? this.#peer.iceConnectionState;
    if (state === 'connected' || state === 'completed') this.#events.transport('connected');
    else if (state === 'disconnected') this.#events.transport('disconnected');
    else if (state === 'failed' || state === 'closed') this.#events.transport('failed');
  }
}

/** H.264 first where the browser lets us say so; the others stay, since an offer of one codec alone confuses some stacks. */
function preferH264(transceiver: RTCRtpTransceiver): void {
  if (!('setCodecPreferences' in transceiver) || typeof RTCRtpReceiver === 'undefined' || !('getCapabilities' in RTCRtpReceiver)) return;
  const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
  const rank = (codec: RTCRtpCodec): number =>
    !/^video\/h264$/i.test(codec.mimeType) ? 2 : /packetization-mode=1/.test(codec.sdpFmtpLine ?? '') ? 0 : 1;
  try {
    if (codecs.some((codec) => rank(codec) < 2)) transceiver.setCodecPreferences([...codecs].sort((a, b) => rank(a) - rank(b)));
  } catch (error) {
    console.debug('codec order left as it is:', error);
  }
}

/** A camera one steers is worth more now than smooth. Each browser has its own hint, some none. */
function preferLowDelay(receiver: RTCRtpReceiver): void {
  const hints = receiver as { jitterBufferTarget?: number | null; playoutDelayHint?: number | null };
  if ('jitterBufferTarget' in hints) hints.jitterBufferTarget = 0;
  if ('playoutDelayHint' in hints) hints.playoutDelayHint = 0;
}
