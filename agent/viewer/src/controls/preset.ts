import { readFlag, readList, readMembers, readNumber, readText } from './reading';

/** A place that the head knows by name. */
export interface Preset {
  readonly token: string;
  readonly name: string;
  /** Whoever lacks it cannot go there; null: everybody who may steer can. */
  readonly scope: string | null;
  readonly hasThumbnail: boolean;
  /** Differs where the place or its name does: a thumbnail that is kept belongs to one version. */
  readonly version: string;
}

const most = 64;

export function parsePresets(answer: unknown): Preset[] {
  return readList(readMembers(answer)['presets'], most).flatMap((value) => {
    const read = readMembers(value);
    const token = readText(read['token'], 64);
    if (token === null) return [];
    const name = readText(read['name'], 64) ?? token;
    return [{
      token, name,
      scope: readText(read['scope'], 40),
      hasThumbnail: readFlag(read['hasThumbnail']) ?? false,
      version: [name, ...(['pan', 'tilt', 'zoom'] as const).map((axis) => readNumber(read[axis]) ?? '')].join('|'),
    }];
  });
}

/** Base64 of a JPEG that is small enough to be one; null where it is not. */
export function parseThumbnail(answer: unknown): string | null {
  const text = readMembers(answer)['thumbnail'];
  return typeof text === 'string' && text.length <= thumbnailLimit && /^\/9j\/[A-Za-z0-9+/]+={0,2}$/.test(text) ? text : null;
}

/** Characters of base64 that a device takes and gives. */
export const thumbnailLimit = 12 * 1024;
