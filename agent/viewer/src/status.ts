import { isCameraName } from './link';

/** One camera as its device's status names it. */
export interface CameraStatus {
  readonly name: string;
  readonly state: string;
  readonly detail: string | null;
  /** It has a smaller stream besides. */
  readonly substream: boolean;
}

/** A device as its retained status describes it ({prefix}/{device}/status). */
export interface DeviceStatus {
  readonly device: string;
  readonly name: string;
  readonly online: boolean;
  readonly bootId: string | null;
  readonly cameras: readonly CameraStatus[];
}

/** Reads a status message; null where it is no status. Unknown members are left alone: a later device may say more. */
export function parseStatus(device: string, payload: string): DeviceStatus | null {
  let read: unknown;
  try {
    read = JSON.parse(payload);
  } catch {
    return null;
  }

  if (typeof read !== 'object' || read === null) return null;
  const { online, name, bootId, cameras } = read as Record<string, unknown>;
  if (typeof online !== 'boolean') return null;
  return {
    device,
    name: typeof name === 'string' && name !== '' ? name.slice(0, 80) : device,
    online,
    bootId: typeof bootId === 'string' ? bootId : null,
    cameras: Array.isArray(cameras) ? cameras.slice(0, 64).flatMap(parseCamera) : [],
  };
}

function parseCamera(value: unknown): CameraStatus[] {
  if (typeof value !== 'object' || value === null) return [];
  const { name, state, detail, substream } = value as Record<string, unknown>;
  return isCameraName(name)
    ? [{ name, state: typeof state === 'string' ? state : 'live', detail: typeof detail === 'string' && detail !== '' ? detail.slice(0, 200) : null, substream: substream === true }]
    : [];
}
