import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Access } from '../src/access/access';
import type { Call } from '../src/call';
import type { StateName, ViewerState } from '../src/words';

(globalThis as { HTMLElement?: unknown }).HTMLElement = class {};
const { AccessElement } = await import('../src/access/access-element');

/** An element with a call that is live, or none. */
class Element extends AccessElement {
  readonly done: string[] = [];
  name: StateName = 'live';
  live = true;
  refuses = false;
  used: Access = { token: 'first', holderKey: 'k1', identity: 'i' };

  get state(): ViewerState {
    return { name: this.name, words: '', detail: '' };
  }

  protected get renewableCall(): Call | null {
    return this.live ? this.#call : null;
  }

  restart(): void {
    this.done.push('restarted');
  }

  readonly #call = {
    access: { get: () => this.used },
    renew: (access: Access) => {
      this.done.push(`renewed by ${access.token} and ${access.holderKey}`);
      if (this.refuses) return Promise.reject(new Error('no'));
      this.used = access;
      return Promise.resolve();
    },
  } as unknown as Call;

  static async create(): Promise<Element> {
    const element = new Element();
    Object.assign(element, element.used);
    Object.defineProperty(element.#call.access, 'access', { get: () => element.used });
    await settled();
    element.done.length = 0;
    return element;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a new token and its key are taken up in the running session, both in one', async () => {
  const element = await Element.create();
  element.token = 'second';
  element.holderKey = 'k2';
  await settled();
  assert.deepEqual(element.done, ['renewed by second and k2']);
});

test('what is the same changes nothing', async () => {
  const element = await Element.create();
  element.token = 'first';
  element.token = 'second';
  element.token = 'first';
  await settled();
  assert.deepEqual(element.done, []);
});

test('a token that the device will not take up makes a new session, which tells why', async () => {
  const element = await Element.create();
  element.refuses = true;
  element.token = 'second';
  await settled();
  assert.deepEqual(element.done, ['renewed by second and k1', 'restarted']);
});

test('a viewer that is stopped takes it up when it starts', async () => {
  const element = await Element.create();
  element.name = 'idle';
  element.token = 'second';
  element.name = 'connecting';
  await settled();
  assert.deepEqual(element.done, []);
});

test('no token, another identity or no session: start again', async () => {
  for (const change of [(e: Element) => (e.token = null), (e: Element) => (e.identity = 'j'), (e: Element) => { e.live = false; e.token = 'second'; }]) {
    const element = await Element.create();
    change(element);
    await settled();
    assert.deepEqual(element.done, ['restarted']);
  }
});
