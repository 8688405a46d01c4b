import { axisNames, type AxisName } from './ptz-status';

/** How fast somebody wants each axis to go: -1 to 1, right, up and closer are positive. */
export type Velocity = Readonly<Record<AxisName, number>>;

export const still: Velocity = { pan: 0, tilt: 0, zoom: 0 };

export function isStill(velocity: Velocity): boolean {
  return axisNames.every((name) => velocity[name] === 0);
}

/** Of the way to the edge: a thumb that only rests there means nothing. */
const deadZone = 0.08;

/**
 * A stick's deflection as a velocity. x and y are fractions of its way, y downwards; beyond the circle counts as on it. Speed grows
 * with the square of the deflection: the inner half is for aiming, the outer for getting there.
 */
export function fromDeflection(x: number, y: number, dead = deadZone): { pan: number; tilt: number } {
  const length = Math.hypot(x, y);
  const beyond = (Math.min(1, length) - dead) / (1 - dead);
  if (!(beyond > 0)) return { pan: 0, tilt: 0 };
  const factor = (beyond * beyond) / length;
  return { pan: clean(x * factor), tilt: clean(-y * factor) };
}

/** The same for one axis. */
export function fromLever(value: number, dead = deadZone): number {
  const beyond = (Math.min(1, Math.abs(value)) - dead) / (1 - dead);
  return beyond > 0 ? clean(Math.sign(value) * beyond * beyond) : 0;
}

/** Several wishes at once, a key and a stick for instance, add up. */
export function sum(wishes: Iterable<Velocity>): Velocity {
  const total = { pan: 0, tilt: 0, zoom: 0 };
  for (const wish of wishes) for (const name of axisNames) total[name] += wish[name];
  for (const name of axisNames) total[name] = clean(Math.max(-1, Math.min(1, total[name])));
  return total;
}

/** Hundredths: what is finer, nobody feels; and no -0. */
function clean(value: number): number {
  return Math.round(value * 100) / 100 || 0;
}
