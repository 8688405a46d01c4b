import type { DeviceControl } from '../device-control';
import { missingScope } from './faults';
import { readList, readMembers } from './reading';

/**
 * What the operator's link allows, as session.access tells it. A device that knows no such method, or does not ask for tokens, allows
 * everything until it refuses something.
 */
export class Access {
  #scopes: ReadonlySet<string> | null = null;
  readonly #refused = new Set<string>();

  async ask(device: DeviceControl): Promise<void> {
    try {
      this.handleAnswer(await device.call('session.access'));
    } catch (error) {
      console.debug('session.access:', error);
    }
  }

  handleAnswer(answer: unknown): void {
    const scopes = readMembers(answer)['scopes'];
    if (!Array.isArray(scopes)) return;
    this.#scopes = new Set(readList(scopes, 64).filter((scope): scope is string => typeof scope === 'string'));
    this.#refused.clear();
  }

  /** Learns from a refusal; true where it was one for want of a scope. */
  handleError(error: unknown): boolean {
    const scope = missingScope(error);
    if (scope !== null) this.#refused.add(scope);
    return scope !== null;
  }

  allows(scope: string): boolean {
    return !this.#refused.has(scope) && (this.#scopes === null || this.#scopes.has(scope));
  }

  reset(): void {
    this.#scopes = null;
    this.#refused.clear();
  }
}
