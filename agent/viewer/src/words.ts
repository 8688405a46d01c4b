/** What the viewer is doing, for scripts and styles; the words beside it are for people. */
export type StateName = 'idle' | 'connecting' | 'waiting-for-device' | 'waiting-for-camera' | 'live' | 'reconnecting' | 'refused';

export interface ViewerState {
  readonly name: StateName;
  /** A few words: the headline. */
  readonly words: string;
  /** One sentence more, or empty. */
  readonly detail: string;
}

export const headlines: Readonly<Record<StateName, string>> = {
  'idle': 'Stopped',
  'connecting': 'Connecting',
  'waiting-for-device': 'Waiting for the device',
  'waiting-for-camera': 'Waiting for the camera',
  'live': 'Live',
  'reconnecting': 'Reconnecting',
  'refused': 'Refused',
};

const refusals: Readonly<Record<number, string>> = {
  400: 'the device did not understand the request',
  401: 'a valid access link is needed',
  403: 'this link does not allow it',
  404: 'there is no such camera on the device',
  408: 'the device did not answer in time',
  409: 'the device knows this session differently',
  413: 'the request was too large for the device',
  429: 'there is a limit to what the device serves',
  480: 'the camera gives no picture just now',
  503: 'the device is busy or not ready',
};

/** What whoever is refused can do about it, where that is anything. */
const remedies: Readonly<Record<number, string>> = {
  401: 'ask whoever runs the device for a new link',
  403: 'ask whoever runs the device for a new link',
};

/** The code of the viewer's own refusals: their words are whole sentences, and nothing is to be added. */
export const ownRefusal = 0;

/** A refusal in words: the code's meaning, the device's own sentence where it adds something, and what to do where that sentence does not say it. */
export function refusalWords(code: number, message: string): string {
  if (code === ownRefusal) return message;
  const meaning = refusals[code] ?? `of error ${code}`;
  const own = message.trim().replace(/\.$/, '');
  const words = own === '' || own.toLowerCase() === meaning ? `because ${meaning}` : `because ${meaning}: ${own}`;
  return remedies[code] === undefined || own.includes('ask whoever runs the device') ? words : `${words}; ${remedies[code]}`;
}

/** The broker is the reason that nothing is shown: which one, and what to look at. */
export function brokerLostWords(url: string): string {
  return `The broker at ${hostOf(url)} is out of reach; check this network, or the server`;
}

/** What the broker gave as its reason, and what to do where it lets nobody like us in: @param byToken whether a link was to open it. */
export function brokerRefusalWords(url: string, code: number, message: string, byToken: boolean): string {
  const words = `The broker at ${hostOf(url)} refused the connection: ${message.replace(/^Connection refused: /, '')}`;
  return !unwelcome.has(code) ? words : byToken ? `${words}; ask whoever runs the device for a new link` : `${words}; ask whoever runs it to let viewers in`;
}

/** 4 and 5 are MQTT 3.1.1's (bad user name or password, not authorized), the others MQTT 5's for the same and for a ban. */
const unwelcome: ReadonlySet<number> = new Set([4, 5, 134, 135, 138]);

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

/** Whether the same request may succeed later without anybody changing it. */
export function isPassing(code: number): boolean {
  return code === 408 || code === 409 || code === 429 || code === 480 || code >= 500;
}

/** Why no path to the device was found, and what to do. */
export function pathWords(hasTurn: boolean, hasRelay: boolean): string {
  if (!hasTurn)
    return 'no path to the device was found: there is no direct path, and it names no TURN server; watch from its network, let UDP through, or have a TURN server set up for it';
  return hasRelay
    ? 'no path to the device was found: neither a direct path nor one through the TURN server works, which the device may not reach; "edgecam check --network" there tells'
    : 'no path to the device was found: neither a direct path nor a TURN server could be reached from here; the server is down, or this network blocks it, and one that answers TLS on port 443 gets through most networks';
}

const cameraStates: Readonly<Record<string, string>> = {
  starting: 'is starting',
  lost: 'was lost and is restarting',
  refused: 'sends what cannot be shown',
};

export function cameraWords(camera: string | null, state: string, detail: string | null): string {
  const words = `${camera ?? 'It'} ${cameraStates[state] ?? `is ${state}`}`;
  return detail === null ? words : `${words}: ${detail}`;
}
