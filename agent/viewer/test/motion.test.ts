import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPad } from '../src/controls/gamepad';
import { actOfKey, HeldKeys } from '../src/controls/keys';
import { Motion, pace } from '../src/controls/motion';
import { fromDeflection, fromLever, still, sum } from '../src/controls/velocity';
import { FakeTimers } from './fakes';

function create(): { timers: FakeTimers; motion: Motion; sent: { at: number; what: unknown }[] } {
  const timers = new FakeTimers();
  const sent: { at: number; what: unknown }[] = [];
  const start = timers.now();
  const note = (what: unknown): void => void sent.push({ at: timers.now() - start, what });
  return { timers, sent, motion: new Motion(timers, { move: note, stop: (axes) => note(`stop ${axes.join(' ')}`) }) };
}

const right = { pan: 1, tilt: 0, zoom: 0 };

test('a stick that is held is said at once and repeated, and its release at once', () => {
  const { timers, motion, sent } = create();
  motion.set('stick', right);
  timers.run(350);
  motion.set('stick', still);
  timers.run(1000);
  assert.deepEqual(sent, [0, 100, 200, 300].map((at): { at: number; what: unknown } => ({ at, what: { pan: 1 } })).concat([{ at: 350, what: 'stop pan' }]));
  assert.equal(timers.waiting, 0);
});

test('a stick that wanders is said no more often than allowed, and where it rests is said', () => {
  const { timers, motion, sent } = create();
  for (let i = 1; i <= 50; i++) {
    motion.set('stick', { pan: i / 50, tilt: 0, zoom: 0 });
    timers.run(4); // 200 ms in all
  }

  timers.run(60);
  const gaps = sent.slice(1).map(({ at }, i) => at - sent[i]!.at);
  assert.ok(gaps.every((gap) => gap >= pace.change && gap <= pace.repeat), String(gaps));
  assert.deepEqual(sent.at(-1)?.what, { pan: 1 });
});

test('what does not change is not said before its time', () => {
  const { timers, motion, sent } = create();
  for (let i = 0; i < 90; i++) {
    motion.set('stick', right);
    timers.run(1);
  }

  assert.equal(sent.length, 1);
});

test('axes that nobody touched are not mentioned, those that were are until the end', () => {
  const { timers, motion, sent } = create();
  motion.set('stick', right);
  motion.set('zoom', { pan: 0, tilt: 0, zoom: -0.5 });
  timers.run(60);
  motion.set('zoom', still);
  timers.run(60);
  motion.set('stick', still);
  assert.deepEqual(sent.map(({ what }) => what), [{ pan: 1 }, { pan: 1, zoom: -0.5 }, { pan: 1, zoom: 0 }, 'stop pan zoom']);
});

test('after a stop a source that is still held counts only once it has been let go', () => {
  const { timers, motion, sent } = create();
  motion.set('stick', right);
  motion.halt();
  motion.set('stick', { pan: 0.5, tilt: 0, zoom: 0 });
  timers.run(500);
  assert.deepEqual(sent.map(({ what }) => what), [{ pan: 1 }, 'stop pan']);
  motion.set('stick', still);
  motion.set('stick', right);
  assert.equal(sent.length, 3);
});

test('control that another has taken is given up without a word', () => {
  const { timers, motion, sent } = create();
  motion.set('stick', right);
  motion.abandon();
  timers.run(500);
  assert.deepEqual([sent.length, motion.isMoving, timers.waiting], [1, false, 0]);
});

test('a stick has a dead middle, grows with the square, and ends on its circle', () => {
  assert.deepEqual(fromDeflection(0.05, 0.05), { pan: 0, tilt: 0 });
  assert.deepEqual(fromDeflection(0, 0), { pan: 0, tilt: 0 });
  assert.deepEqual(fromDeflection(1, 0), { pan: 1, tilt: 0 });
  assert.deepEqual(fromDeflection(0, -3), { pan: 0, tilt: 1 });
  assert.deepEqual(fromDeflection(3, 3), { pan: 0.71, tilt: -0.71 });
  assert.deepEqual(fromDeflection(0.54, 0), { pan: 0.25, tilt: 0 }); // half of the way beyond the dead middle
  assert.equal(fromLever(-0.54), -0.25);
});

test('wishes add up within bounds', () => {
  assert.deepEqual(sum([right, right, { pan: -0.5, tilt: -2, zoom: 0 }]), { pan: 1, tilt: -1, zoom: 0 });
});

test('keys are known by what they do', () => {
  assert.deepEqual(['Escape', '.', 'Home', '3', '0', 'f', ' '].map((key) => actOfKey(key)?.kind ?? null), ['stop', 'stop', 'home', 'preset', null, null, null]);
  assert.deepEqual(actOfKey('ArrowUp'), { kind: 'drive', velocity: { pan: 0, tilt: 1, zoom: 0 } });
});

test('a key that is tapped moves a little, and speeds up while it is held', () => {
  const timers = new FakeTimers();
  const keys = new HeldKeys(timers);
  keys.press('ArrowRight', right);
  assert.equal(keys.velocity.pan, 0.3);
  timers.run(750);
  keys.press('ArrowRight', right); // a repetition begins nothing anew
  assert.equal(keys.velocity.pan, 0.65);
  timers.run(5000);
  assert.equal(keys.velocity.pan, 1);
  keys.press('ArrowLeft', { pan: -1, tilt: 0, zoom: 0 });
  timers.run(5000);
  assert.equal(keys.velocity.pan, 0);
  assert.deepEqual([keys.release('ArrowLeft'), keys.release('KeyX'), keys.any], [true, false, true]);
});

test('a pad pans and tilts with one stick, zooms with the other or its triggers, and stops with a button', () => {
  const button = (value = 0): { pressed: boolean; value: number } => ({ pressed: value > 0, value });
  const pad = (axes: number[], pressed: Record<number, number> = {}): Parameters<typeof readPad>[0] => ({ axes, buttons: Array.from({ length: 17 }, (_, i) => button(pressed[i])) });
  assert.deepEqual(readPad(pad([0.1, -0.1, 0.1, 0.1])), { velocity: still, stop: false });
  assert.deepEqual(readPad(pad([1, 0, 0, -1])).velocity, { pan: 1, tilt: 0, zoom: 1 });
  assert.deepEqual(readPad(pad([0, -1, 0, 0], { 6: 1 })).velocity, { pan: 0, tilt: 1, zoom: -1 });
  assert.equal(readPad(pad([], { 1: 1 })).stop, true);
  assert.deepEqual(readPad({ axes: [], buttons: [] }), { velocity: still, stop: false });
});
