import { readMode, type Access, type AccessMode } from './access/access';

/** What a link says in its fragment. The fragment never reaches a server, so it may carry the token and its key. */
export interface Link extends Access {
  readonly device: string | null;
  readonly camera: string | null;
}

/** What the server of the page says about itself (GET viewer.json). */
export interface Settings {
  /** Null where viewers have no broker. */
  readonly broker: string | null;
  readonly prefix: string;
  readonly device: string | null;
  readonly iceServers: readonly RTCIceServer[];
  /** Null where it does not say. */
  readonly access: AccessMode | null;
}

const deviceName = /^[a-z0-9][a-z0-9-]{0,62}$/;
const cameraName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function isDeviceName(name: unknown): name is string {
  return typeof name === 'string' && deviceName.test(name);
}

export function isCameraName(name: unknown): name is string {
  return typeof name === 'string' && cameraName.test(name);
}

/** A prefix has at most three levels and no wildcard: AWS IoT allows seven slashes in a topic. */
export function isPrefix(prefix: unknown): prefix is string {
  return typeof prefix === 'string' && /^[^/+#\s]+(\/[^/+#\s]+){0,2}$/.test(prefix) && prefix.length <= 128;
}

export function parseLink(fragment: string): Link {
  const values = new URLSearchParams(fragment.replace(/^#/, ''));
  const device = values.get('device');
  const camera = values.get('camera');
  const secret = (name: string, limit: number): string | null => {
    const value = values.get(name);
    return value !== null && value !== '' && value.length <= limit ? value : null;
  };
  return {
    device: isDeviceName(device) ? device : null,
    camera: isCameraName(camera) ? camera : null,
    token: secret('token', 8192),
    holderKey: secret('key', 256),
    identity: secret('identity', 256),
  };
}

export function formatLink(link: Link): string {
  const values = new URLSearchParams();
  if (link.device !== null) values.set('device', link.device);
  if (link.camera !== null) values.set('camera', link.camera);
  if (link.token !== null) values.set('token', link.token);
  if (link.holderKey !== null) values.set('key', link.holderKey);
  if (link.identity !== null) values.set('identity', link.identity);
  const text = values.toString();
  return text === '' ? '' : `#${text}`;
}

/** Reads viewer.json; whatever is absent or makes no sense takes its default. */
export function parseSettings(value: unknown): Settings {
  const read = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return {
    broker: read['broker'] === null ? null : typeof read['broker'] === 'string' && read['broker'] !== '' ? read['broker'] : '/mqtt',
    prefix: isPrefix(read['prefix']) ? read['prefix'] : 'edgecam/v1',
    device: isDeviceName(read['device']) ? read['device'] : null,
    iceServers: parseIceServers(read['iceServers']),
    access: readMode(read['access']),
  };
}

export function parseIceServers(value: unknown): RTCIceServer[] {
  if (!Array.isArray(value)) return [];
  const servers: RTCIceServer[] = [];
  for (const item of value.slice(0, 8) as unknown[]) {
    if (typeof item !== 'object' || item === null) continue;
    const { urls, username, credential } = item as Record<string, unknown>;
    const list = (Array.isArray(urls) ? urls : [urls]).filter((u): u is string => typeof u === 'string' && /^(stun|turn)s?:/.test(u));
    if (list.length === 0) continue;
    const server: RTCIceServer = { urls: list };
    if (typeof username === 'string') server.username = username;
    if (typeof credential === 'string') server.credential = credential;
    servers.push(server);
  }
  return servers;
}

/** A path alone means the host the page came from, with the WebSocket scheme that fits the page's own. Throws a sentence for people. */
export function resolveBroker(broker: string, page: { href: string }): string {
  let url: URL;
  try {
    url = new URL(broker, page.href);
  } catch {
    throw new Error(`The broker's address cannot be read: ${broker}`);
  }

  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') throw new Error(`The broker's address must be ws: or wss:, not ${url.protocol}`);
  url.hash = '';
  return url.href;
}

/**
 * Whether a broker is the page's own. The device's, on loopback or with its own rules, lists devices and takes a token for a password; a
 * shared one may end the connection for the question, and would see a token that is not for it.
 */
export function isOwnBroker(broker: string, page: { host: string }): boolean {
  return new URL(broker).host === page.host;
}

export function randomName(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('');
}
