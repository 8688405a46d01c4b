import type { Call } from '../call';
import type { ViewerState } from '../words';
import { areSame, findObstacle, noAccess, type Access, type AccessMode } from './access';

/** The part of the element that is about access: its properties, and what follows when they change. */
export abstract class AccessElement extends HTMLElement {
  /** How the device lets viewers in, where that is known before it is asked; it tells by itself too. */
  accessMode: AccessMode | null = null;
  #access: Access = noAccess;
  #changing = false;

  /** The call that may go on with another token; null where there is none, or is about to be another. */
  protected abstract get renewableCall(): Call | null;

  abstract get state(): ViewerState;

  abstract restart(): void;

  /** Presented to the device in the offer. A property only: an attribute would end up in saved pages. */
  get token(): string | null {
    return this.#access.token;
  }

  set token(token: string | null) {
    this.#change({ token });
  }

  /** The private scalar of the token's holder key. */
  get holderKey(): string | null {
    return this.#access.holderKey;
  }

  set holderKey(holderKey: string | null) {
    this.#change({ holderKey });
  }

  /** The thumbprint of the device's identity key: an answer that is not signed by that key is refused. */
  get identity(): string | null {
    return this.#access.identity;
  }

  set identity(identity: string | null) {
    this.#change({ identity });
  }

  protected get access(): Access {
    return this.#access;
  }

  /** Why there is no point in connecting, as a sentence; null where there may be one. */
  get accessObstacle(): string | null {
    return findObstacle(this.#access, this.accessMode, new Date());
  }

  /** Token and key are set one after the other: what follows waits for both. A viewer that is stopped takes them up when it starts. */
  #change(change: Partial<Access>): void {
    const access = { ...this.#access, ...change };
    if (areSame(access, this.#access)) return;
    this.#access = access;
    if (this.#changing || this.state.name === 'idle') return;
    this.#changing = true;
    queueMicrotask(() => {
      this.#changing = false;
      void this.#follow();
    });
  }

  /** A session goes on with a new token where the device agrees; anything else takes a new session. */
  async #follow(): Promise<void> {
    const access = this.#access;
    const call = this.renewableCall;
    if (call === null || access.token === null || access.identity !== call.access.access.identity) return this.restart();
    if (areSame(access, call.access.access)) return;
    try {
      await call.renew(access);
    } catch (error) {
      console.debug('session.renew:', error);
      if (call === this.renewableCall && areSame(access, this.#access)) this.restart();
    }
  }
}
