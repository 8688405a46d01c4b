import { formatLink, type Link } from './link';
import type { DeviceStatus } from './status';

/** One camera to choose. */
export interface Choice {
  readonly href: string;
  readonly words: string;
  readonly state: 'live' | 'waiting' | 'offline';
  readonly title: string;
  readonly chosen: boolean;
}

/** What is watched now. */
export interface Watched {
  readonly deviceName: string | null;
  readonly cameraName: string | null;
}

/** All cameras of all devices; a device that names none yet counts as one. */
export function listChoices(devices: readonly DeviceStatus[], current: Link, watched: Watched): Choice[] {
  const several = devices.length > 1;
  return devices.flatMap((device) => {
    const cameras = device.cameras.length > 0 ? device.cameras : [{ name: null, state: 'live', detail: null }];
    return cameras.map((camera): Choice => ({
      href: formatLink({ device: device.device, camera: camera.name, token: null, holderKey: null, identity: device.device === watched.deviceName ? current.identity : null }),
      words: several ? [device.name, device.cameras.length > 1 ? camera.name : null].filter((part) => part !== null).join(' / ') : (camera.name ?? device.name),
      state: !device.online ? 'offline' : camera.state === 'live' ? 'live' : 'waiting',
      title: !device.online ? 'offline' : (camera.detail ?? camera.state),
      chosen: device.device === watched.deviceName && (camera.name === null || camera.name === watched.cameraName),
    }));
  });
}

export function areSame(some: readonly Choice[], others: readonly Choice[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}
