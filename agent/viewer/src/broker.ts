import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { isOwnBroker, randomName } from './link';
import { matches } from './topics';
import { brokerLostWords, brokerRefusalWords } from './words';

export type MessageHandler = (topic: string, payload: string, retained: boolean) => void;

interface Subscription {
  readonly filter: string;
  readonly handler: MessageHandler;
  readonly replay: boolean;
  readonly refused: () => void;
}

/** The broker's own no, not an outage. */
class Refusal extends Error {}

const maximumPayload = 64 * 1024;
/** Milliseconds. One that acknowledges nothing for so long is a dead connection, which TCP would keep for minutes; twice as long after each. */
const patience = { first: 1500, last: 16_000, hurried: 0.6 } as const;
/** Milliseconds. A broker that is back should have its viewers back within 10 s. */
const backoff = [500, 1000, 2000, 4000, 6000];

/**
 * The connection to one broker, shared by all viewers of a page. It reconnects by itself with jittered back-off, makes its
 * subscriptions again, and falls back from MQTT 5 to 3.1.1. It keeps no message for later: what could not be said at once is stale.
 */
export class Broker extends EventTarget {
  static readonly #shared = new Map<string, Broker>();
  readonly url: string;
  /** Also the {client} level of this page's topics. */
  readonly clientId = `viewer${randomName(12)}`;
  readonly #subscriptions = new Set<Subscription>();
  /** Only ever shown to the page's own broker: another would see a token that is not for it. */
  #token: string | null = null;
  #client: MqttClient | null = null;
  #users = 0;
  #connections = 0;
  #up = false;
  #words = '';
  #failures = 0;
  #version: 4 | 5 = 5;
  #versionKnown = false;
  #patience: number = patience.first;
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(url: string) {
    super();
    this.url = url;
  }

  /**
   * The connection for an address; each caller releases it once.
   * @param token the password at the page's own broker; the latest one counts, from the next connection on.
   */
  static acquire(url: string, token: string | null = null): Broker {
    let broker = Broker.#shared.get(url);
    if (broker === undefined) {
      broker = new Broker(url);
      Broker.#shared.set(url, broker);
      broker.present(token);
      broker.#connect();
    } else {
      broker.present(token);
    }

    broker.#users++;
    return broker;
  }

  /** Another token: where the broker is waited for, since it let nobody in perhaps, it is asked again at once. */
  present(token: string | null): void {
    if (token === null || token === this.#token || !isOwnBroker(this.url, globalThis.location ?? { host: '' })) return;
    this.#token = token;
    if (this.#users === 0 || this.#client !== null) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  release(): void {
    if (--this.#users > 0) return;
    Broker.#shared.delete(this.url);
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = null;
    this.#up = false;
    client?.removeAllListeners();
    client?.on('error', () => {});
    client?.end();
  }

  get up(): boolean {
    return this.#up;
  }

  /** Why the broker is out of reach, in words; empty while it is not. */
  get words(): string {
    return this.#words;
  }

  /**
   * Subscribes now and after each reconnection. Resolves once the broker has granted it, and rejects where it refuses or is away.
   * @param replay whether the broker may send retained messages. A session's topic has none worth reading.
   * @param refused called where the broker refuses it at a later connection, the first one perhaps.
   */
  async subscribe(filter: string, handler: MessageHandler, replay: boolean, refused: () => void = () => {}): Promise<() => void> {
    const subscription: Subscription = { filter, handler, replay, refused };
    this.#subscriptions.add(subscription);
    const cancel = (): void => {
      if (!this.#subscriptions.delete(subscription)) return;
      if (this.#up && ![...this.#subscriptions].some((other) => other.filter === filter)) this.#client?.unsubscribe(filter, () => {});
    };
    try {
      await this.#request(subscription);
    } catch (error) {
      // One that is to outlive an outage stays and is made at the next connection.
      if (!replay || this.#up) cancel();
      if (!replay || this.#up) throw error;
    }

    return cancel;
  }

  /** Sends at once or not at all. */
  publish(topic: string, payload: string): boolean {
    if (!this.#up || this.#client === null || payload.length > maximumPayload) return false;
    const properties = this.#version === 5 ? { properties: { messageExpiryInterval: 30 } } : {};
    const client = this.#client;
    const overdue = setTimeout(() => this.#abandon(client), this.#patience);
    client.publish(topic, payload, { qos: 1, ...properties }, (error) => {
      clearTimeout(overdue);
      if (error == null) this.#patience = patience.first;
    });
    return true;
  }

  /** Asks for a sign of life, since the picture hangs on it: a connection that gives none is replaced, and sooner than else. */
  probe(): void {
    const client = this.#client;
    if (!this.#up || client === null) return;
    const overdue = setTimeout(() => this.#abandon(client), this.#patience * patience.hurried);
    client.once('packetreceive', () => {
      clearTimeout(overdue);
      this.#patience = patience.first;
    });
    client.sendPing();
  }

  /** Counts connections, so that one can tell whether it is still the same. */
  get connections(): number {
    return this.#connections;
  }

  /** Writes what is queued before returning: a page that is being left runs nothing later. */
  flush(): void {
    const stream: { uncork?(): void } | undefined = this.#client?.stream;
    stream?.uncork?.();
  }

  #connect(): void {
    const options: IClientOptions = {
      clientId: this.clientId,
      clean: true,
      protocolVersion: this.#version,
      keepalive: 60,
      connectTimeout: 5000,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      ...(this.#token === null ? {} : { username: 'token', password: this.#token }),
      timerVariant: 'native', // the other kind starts a worker from a blob, which a strict content security policy forbids
    };
    let client: MqttClient;
    try {
      client = mqtt.connect(this.url, options);
    } catch (error) {
      this.#setUp(false, `The broker's address cannot be used: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }

    this.#client = client;
    let refusal = '';
    client.on('connect', () => {
      this.#failures = 0;
      this.#connections++;
      this.#versionKnown = true;
      for (const subscription of this.#subscriptions)
        this.#request(subscription).catch((error: unknown) => error instanceof Refusal && this.#subscriptions.has(subscription) && subscription.refused());
      this.#setUp(true, '');
    });
    client.on('error', (error) => {
      const code = (error as { code?: unknown }).code;
      // 132: MQTT 5's, 1: 3.1.1's "unsupported protocol version".
      if ((code === 132 || code === 1) && this.#version === 5) this.#version = 4;
      else if (typeof code === 'number') refusal = brokerRefusalWords(this.url, code, error.message, this.#token !== null);
    });
    client.on('message', (topic, payload, packet) => {
      if (payload.length > maximumPayload) return;
      const text = new TextDecoder().decode(payload);
      for (const subscription of [...this.#subscriptions])
        if (matches(subscription.filter, topic) && (subscription.replay || !packet.retain)) subscription.handler(topic, text, packet.retain);
    });
    client.on('close', () => {
      if (client !== this.#client) return;
      this.#discard(client);
      // A broker of old may hang up on a version it does not know: try the other one in turn until one has worked.
      if (!this.#versionKnown && ++this.#failures % 2 === 0) this.#version = this.#version === 5 ? 4 : 5;
      else if (this.#versionKnown) this.#failures++;
      this.#setUp(false, refusal !== '' ? refusal : brokerLostWords(this.url));
      const step = backoff[Math.min(this.#failures, backoff.length) - 1] ?? 500;
      this.#timer = setTimeout(() => this.#connect(), step * (0.75 + Math.random() / 2));
    });
  }

  /** The connection is dead, though nobody has closed it: another one at once. */
  #abandon(client: MqttClient): void {
    if (client !== this.#client) return;
    this.#patience = Math.min(this.#patience * 2, patience.last);
    this.#discard(client);
    this.#setUp(false, 'The broker no longer answers');
    this.#connect();
  }

  #discard(client: MqttClient): void {
    client.removeAllListeners();
    client.on('error', () => {});
    client.end(true);
    this.#client = null;
  }

  #request(subscription: Subscription): Promise<void> {
    const client = this.#client;
    if (client === null || !client.connected) return Promise.reject(new Error('The broker is out of reach'));
    // Retain handling 2 asks an MQTT 5 broker not to replay; a 3.1.1 broker replays and #connect drops it.
    const options = this.#version === 5 ? { qos: 1 as const, rh: subscription.replay ? 0 : 2 } : { qos: 1 as const };
    return new Promise((resolve, reject) => {
      client.subscribe(subscription.filter, options, (error, _, packet) => {
        if (packet?.granted.some((code) => Number(code) >= 128)) reject(new Refusal('The broker does not allow it'));
        else if (error !== null) reject(error);
        else resolve();
      });
    });
  }

  #setUp(up: boolean, words: string): void {
    this.#up = up;
    this.#words = words;
    this.dispatchEvent(new Event('change'));
  }
}
