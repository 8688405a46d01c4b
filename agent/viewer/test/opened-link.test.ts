import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenedLinks, type Shelf } from '../src/access/opened-link';
import { createKey, createToken } from './keys';

const key = createKey();
const forPorch = createToken({ aud: 'porch' });

/** A tab: its address, as the bar shows it, and what it keeps over a reload. */
class Tab {
  readonly shelf = new Map<string, string>();
  readonly location = { pathname: '/view/', search: '?a=b', hash: '' } as Location;
  readonly shown: string[] = [];
  links = this.load();

  load(shelf: Shelf = { getItem: (name) => this.shelf.get(name) ?? null, setItem: (name, value) => void this.shelf.set(name, value) }): OpenedLinks {
    return (this.links = new OpenedLinks(shelf));
  }

  open(hash: string, home: string | null = null): ReturnType<OpenedLinks['open']> {
    this.location.hash = hash;
    const history = { state: null, replaceState: (_: unknown, __: string, url: string) => { this.shown.push(url); this.location.hash = url.slice(url.indexOf('#') + 1 || url.length); } };
    return this.links.open({ location: this.location, history: history as unknown as History }, home);
  }
}

const nothing = { token: null, holderKey: null, identity: null };

test('token and key leave the address bar at once, the rest stays', () => {
  const tab = new Tab();
  const { link, access } = tab.open(`#device=porch&camera=cam0&token=${forPorch}&key=${key.d}&identity=${key.thumbprint}`);
  assert.deepEqual([access.token, access.holderKey, access.identity], [forPorch, key.d, key.thumbprint]);
  assert.deepEqual(tab.shown, [`/view/?a=b#device=porch&camera=cam0&identity=${key.thumbprint}`]);
  assert.deepEqual(link, { device: 'porch', camera: 'cam0', ...nothing, identity: key.thumbprint });
  assert.deepEqual(new Tab().open(`#token=${forPorch}`).access.token, forPorch);
});

test('an address without secrets is left as it is', () => {
  const tab = new Tab();
  tab.open('#device=porch&camera=cam0');
  assert.deepEqual(tab.shown, []);
});

test('after a reload the same link is there still', () => {
  const tab = new Tab();
  tab.open(`#device=porch&token=${forPorch}&key=${key.d}&identity=${key.thumbprint}`);
  tab.load();
  const { access } = tab.open(tab.location.hash);
  assert.deepEqual([access.token, access.holderKey, access.identity], [forPorch, key.d, key.thumbprint]);
  assert.equal(tab.open('#device=porch&camera=cam1').access.identity, key.thumbprint, 'another of its cameras');
});

test('a link without a device is the home device\'s', () => {
  const tab = new Tab();
  tab.open(`#token=${forPorch}`, 'porch');
  tab.load();
  assert.equal(tab.open('', 'porch').access.token, forPorch);
  assert.equal(tab.open('#device=porch', 'porch').access.token, forPorch);
});

test('what home is may come later', () => {
  const tab = new Tab();
  tab.open(`#token=${forPorch}&key=${key.d}&identity=${key.thumbprint}`);
  assert.deepEqual(tab.shown, [`/view/?a=b#identity=${key.thumbprint}`]);
  const { link, access } = tab.open(tab.location.hash, 'porch');
  assert.deepEqual([link.token, access.token, access.holderKey, access.identity], [null, forPorch, key.d, key.thumbprint]);
  assert.equal(tab.open('#device=shed', 'porch').access.token, null);
});

test('a link without a token changes nothing of what is kept', () => {
  for (const more of ['', `&key=${createKey().d}`]) {
    const tab = new Tab();
    tab.open(`#device=porch&token=${forPorch}&key=${key.d}&identity=${key.thumbprint}`);
    const { link, access } = tab.open(`#device=porch&identity=${createKey().thumbprint}${more}`);
    assert.deepEqual([access.token, access.holderKey, access.identity, link.holderKey], [forPorch, key.d, key.thumbprint, null]);
    assert.ok(!tab.shown.at(-1)!.includes('key='));
  }

  const other = createKey().thumbprint;
  assert.equal(new Tab().open(`#device=porch&identity=${other}`).access.identity, other, 'where nothing is kept, it counts');
});

test('a link for another device replaces what was kept', () => {
  const tab = new Tab();
  tab.open(`#device=porch&token=${forPorch}&key=${key.d}&identity=${key.thumbprint}`);
  const forShed = createToken({ aud: 'shed' });
  const { access } = tab.open(`#device=shed&token=${forShed}`);
  assert.deepEqual([access.token, access.holderKey, access.identity], [forShed, null, null]);
  tab.load();
  assert.equal(tab.open('#device=porch').access.token, null);
  assert.ok(![...tab.shelf.values()].some((value) => value.includes(key.d)));
});

test('another device is shown a token only where that is made for it, or for a group; and never takes the first one\'s identity', () => {
  for (const [aud, shown] of [['porch', false], [['porch', 'shed'], true], ['house', true], [undefined, false]] as const) {
    const tab = new Tab();
    const token = createToken({ aud });
    tab.open(`#device=porch&token=${token}&key=${key.d}&identity=${key.thumbprint}`);
    const { access } = tab.open('#device=shed');
    assert.deepEqual([access.token, access.identity], [shown ? token : null, null], String(aud));
    assert.equal(tab.open('#device=porch').access.identity, key.thumbprint);
  }
});

test('a tab that keeps nothing, or nonsense, works all the same', () => {
  const tab = new Tab();
  const full: Shelf = { getItem: () => null, setItem: () => { throw new Error('the quota is used up'); } };
  for (const shelf of [null, full]) {
    tab.load(shelf);
    assert.equal(tab.open(`#device=porch&token=${forPorch}`).access.token, forPorch);
    assert.equal(tab.open('#device=porch').access.token, forPorch);
  }

  for (const kept of ['', '{', '3', 'null', '{"device":3,"token":[]}']) {
    tab.load({ getItem: () => kept, setItem: () => {} });
    assert.equal(tab.open('#device=porch').access.token, null, kept);
  }
});
