import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areSame, listChoices } from '../src/chooser';
import type { DeviceStatus } from '../src/status';

const front: DeviceStatus = {
  device: 'front', name: 'Front door', online: true, bootId: 'b',
  cameras: [{ name: 'cam0', state: 'live', detail: null, substream: false }, { name: 'cam1', state: 'lost', detail: 'it ended', substream: false }],
};
const back: DeviceStatus = { device: 'back', name: 'Back', online: false, bootId: null, cameras: [] };
const link = { device: null, camera: null, token: 't', holderKey: 'k', identity: 'i' };
const watched = { deviceName: 'front', cameraName: 'cam0' };

test('each camera is a choice: no address has the token, the watched device\'s have its identity', () => {
  assert.deepEqual(listChoices([front, back], link, watched), [
    { href: '#device=front&camera=cam0&identity=i', words: 'Front door / cam0', state: 'live', title: 'live', chosen: true },
    { href: '#device=front&camera=cam1&identity=i', words: 'Front door / cam1', state: 'waiting', title: 'it ended', chosen: false },
    { href: '#device=back', words: 'Back', state: 'offline', title: 'offline', chosen: false },
  ]);
  assert.deepEqual(listChoices([front], link, watched).map(({ words }) => words), ['cam0', 'cam1']);
});

test('choices are the same until one of them says something else', () => {
  const choices = listChoices([front, back], link, watched);
  assert.ok(areSame(choices, listChoices([{ ...front, bootId: 'b2' }, back], { ...link }, watched)));
  assert.ok(!areSame(choices, listChoices([front, back], { ...link, identity: 'j' }, watched)));
  assert.ok(!areSame(choices, listChoices([front, { ...back, online: true }], link, watched)));
  assert.ok(!areSame(choices, listChoices([front, back], link, { ...watched, cameraName: 'cam1' })));
});
