import { readFlag, readList, readMembers, readNumber, readText, type Members } from './reading';

interface Common {
  readonly name: string;
  readonly label: string;
  readonly scope: string;
  /** By this caller. */
  readonly writable: boolean;
  readonly fault: string | null;
  readonly remedy: string | null;
}

/** One input or output as gpio.list tells it. Its value is logical: true is on. */
export interface Line extends Common {
  readonly direction: 'input' | 'output';
  /** Null where it is not known. */
  readonly value: boolean | null;
  /** Unix milliseconds. */
  readonly changedAt: number | null;
  readonly maxOnSeconds: number | null;
  /** Lines that are never on together with it. */
  readonly interlock: readonly string[];
}

/** An output that is dimmed. */
export interface Dimmer extends Common {
  readonly duty: number;
  readonly frequency: number | null;
}

const most = 128;

export function parseLine(value: unknown): Line | null {
  const read = readMembers(value);
  const common = parseCommon(read);
  const direction = read['direction'];
  if (common === null || (direction !== 'input' && direction !== 'output')) return null;
  return {
    ...common, direction,
    value: readFlag(read['value']),
    changedAt: readNumber(read['changedAt']),
    maxOnSeconds: readNumber(read['maxOnSeconds']),
    interlock: readList(read['interlock'], most).filter((name): name is string => typeof name === 'string'),
  };
}

export function parseDimmer(value: unknown): Dimmer | null {
  const read = readMembers(value);
  const common = parseCommon(read);
  return common === null ? null : { ...common, duty: readShare(read['duty']) ?? 0, frequency: readNumber(read['frequency']) };
}

export function readShare(value: unknown): number | null {
  const number = readNumber(value);
  return number === null ? null : Math.max(0, Math.min(1, number));
}

/** What a notification says of a line's or dimmer's state; nothing where it says nothing. */
export function readFault(read: Members): { fault: string | null; remedy: string | null } | null {
  if (read['state'] === undefined) return null;
  return read['state'] === 'fault' ? { fault: readText(read['fault']) ?? 'It has a fault', remedy: readText(read['remedy']) } : { fault: null, remedy: null };
}

function parseCommon(read: Members): Common | null {
  const name = readText(read['name'], 64);
  if (name === null) return null;
  return {
    name,
    label: readText(read['label'], 80) ?? name,
    scope: readText(read['scope'], 40) ?? 'gpio',
    writable: readFlag(read['writable']) ?? false,
    ...(readFault(read) ?? { fault: null, remedy: null }),
  };
}
