import { readFlag, readMembers, readNumber, readText } from './reading';

export const axisNames = ['pan', 'tilt', 'zoom'] as const;
export type AxisName = (typeof axisNames)[number];

export interface Axis {
  /** Null where the head does not tell; pan and tilt -1 to 1, zoom 0 to 1. */
  readonly position: number | null;
  readonly moving: boolean;
  readonly min: number;
  readonly max: number;
  readonly atEnd: 'min' | 'max' | null;
}

/** Who steers the head. */
export interface Holder {
  readonly name: string;
  readonly you: boolean;
  readonly canTake: boolean;
}

/** A head as ptz.status and ptz.changed describe it. */
export interface PtzStatus {
  readonly state: 'ready' | 'starting' | 'fault';
  readonly fault: string | null;
  readonly remedy: string | null;
  /** An axis that the head lacks is not there. */
  readonly axes: Readonly<Partial<Record<AxisName, Axis>>>;
  readonly moving: boolean;
  /** The position is reckoned, not measured. */
  readonly estimated: boolean;
  readonly hasHome: boolean;
  readonly holder: Holder | null;
}

/** Null where it is no status. */
export function parsePtzStatus(value: unknown): PtzStatus | null {
  const read = readMembers(value);
  if (typeof read['axes'] !== 'object' || read['axes'] === null) return null;
  const axes: Partial<Record<AxisName, Axis>> = {};
  for (const name of axisNames) {
    const axis = parseAxis(name, readMembers(read['axes'])[name]);
    if (axis !== null) axes[name] = axis;
  }

  const state = read['state'];
  return {
    state: state === 'starting' || state === 'fault' ? state : 'ready',
    fault: readText(read['fault']),
    remedy: readText(read['remedy']),
    axes,
    moving: readFlag(read['moving']) ?? false,
    estimated: readFlag(read['estimated']) ?? false,
    hasHome: readFlag(read['hasHome']) ?? false,
    holder: parseHolder(read['control']),
  };
}

export function parseHolder(value: unknown): Holder | null {
  const read = readMembers(value);
  const name = readText(read['holder'], 80);
  const you = readFlag(read['you']) ?? false;
  if (name === null && !you) return null;
  return { name: name ?? 'You', you, canTake: readFlag(read['canTake']) ?? false };
}

function parseAxis(name: AxisName, value: unknown): Axis | null {
  if (typeof value !== 'object' || value === null) return null;
  const read = readMembers(value);
  const atEnd = read['atEnd'];
  return {
    position: readNumber(read['position']),
    moving: readFlag(read['moving']) ?? false,
    min: readNumber(read['min']) ?? (name === 'zoom' ? 0 : -1),
    max: readNumber(read['max']) ?? 1,
    atEnd: atEnd === 'min' || atEnd === 'max' ? atEnd : null,
  };
}
