import { formatLink, parseLink, type Link } from '../link';
import { noAccess, type Access } from './access';
import { readClaims } from './token';

const slot = 'edgecam.access';

/** Where things are kept for as long as the tab is there; null where the browser has no such place for this page. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem'> | null;

interface Kept extends Access {
  /** Null: the home device. */
  readonly device: string | null;
}

/**
 * The links that a page is opened by. A token and its key leave the address bar at once, since addresses are copied, kept in histories
 * and shown on screens; for a reload they are kept in the tab. A link with a token replaces what was kept, whichever device that was for;
 * one without changes nothing of it.
 */
export class OpenedLinks {
  readonly #shelf: Shelf;
  #kept: Kept | null;

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
    this.#kept = read(shelf);
  }

  /** @param home the device that a link without one means; null where that is not known yet. */
  open(page: { location: Location; history: History }, home: string | null): { link: Link; access: Access } {
    const opened = parseLink(page.location.hash);
    const device = opened.device ?? home;
    const { token, holderKey, identity } = opened;
    const link = { ...opened, token: null, holderKey: null };
    if (token !== null) this.#keep({ device: opened.device, token, holderKey, identity });
    if (token !== null || holderKey !== null)
      page.history.replaceState(page.history.state, '', `${page.location.pathname}${page.location.search}${formatLink(link)}`);
    const kept = this.#for(device, home);
    return { link, access: { ...kept, identity: kept.identity ?? identity } };
  }

  /** What is kept is shown to another device only where it was made for that one, or for a group, which may be its too. */
  #for(device: string | null, home: string | null): Access {
    const kept = this.#kept;
    if (kept === null) return noAccess;
    const holder = kept.device ?? home;
    if (holder === device) return kept;
    const audience = kept.token === null ? [] : (readClaims(kept.token)?.audience ?? []);
    const isShared = device !== null && holder !== null && (audience.includes(device) || (audience.length > 0 && !audience.includes(holder)));
    return isShared ? { ...kept, identity: null } : noAccess;
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    try {
      this.#shelf?.setItem(slot, JSON.stringify(kept));
    } catch (error) {
      console.debug('the link is not kept for a reload:', error);
    }
  }
}

/** Null where the browser forbids it, which some do by throwing. */
export function tabShelf(): Shelf {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function read(shelf: Shelf): Kept | null {
  try {
    const kept = JSON.parse(shelf?.getItem(slot) ?? 'null') as Record<string, unknown> | null;
    const text = (name: string): string | null => (typeof kept?.[name] === 'string' ? kept[name] : null);
    return kept === null ? null : { device: text('device'), token: text('token'), holderKey: text('holderKey'), identity: text('identity') };
  } catch {
    return null;
  }
}
