import { isCoordinate } from './p256';
import { readClaims } from './token';
import { damagedLink, expiredLink, incompleteLink, noLink, unboundLink, unverifiableLink } from './words';

/** What a viewer shows to a device, and by what it knows the device: a link's fragment brings all three. */
export interface Access {
  readonly token: string | null;
  /** The private scalar of the token's holder key: 32 bytes in base64url. */
  readonly holderKey: string | null;
  /** The SHA-256 thumbprint (RFC 7638) of the device's identity key, in base64url. */
  readonly identity: string | null;
}

/** How a device lets viewers in: by tokens whose holder proves to be it, by tokens alone, or anybody. */
export type AccessMode = 'tokens' | 'bearer' | 'open';

export const noAccess: Access = { token: null, holderKey: null, identity: null };

export function readMode(value: unknown): AccessMode | null {
  return value === 'tokens' || value === 'bearer' || value === 'open' ? value : null;
}

/**
 * What may be shown to the other side. A token that is bound to no key is good for whoever sees it, so it is shown only where the page
 * itself says that the device takes such: the device's word comes through the broker.
 */
export function showable({ token }: Access, page: AccessMode | null): string | null {
  return token === null || page === 'bearer' || readClaims(token)?.holder ? token : null;
}

/** Why there is no point in asking the device, as a sentence for people; null where there may be one. */
export function findObstacle({ token, holderKey, identity }: Access, mode: AccessMode | null, now: Date): string | null {
  if ((holderKey !== null && !isCoordinate(holderKey)) || (identity !== null && !isCoordinate(identity))) return damagedLink;
  if (mode === null ? token === null : mode === 'open') return null;
  if (token === null) return noLink;
  const claims = readClaims(token);
  if (claims === null) return mode === 'bearer' ? null : damagedLink;
  if (claims.expiresAt !== null && now.getTime() >= claims.expiresAt * 1000) return expiredLink(new Date(claims.expiresAt * 1000));
  if (claims.holder === null) return mode === 'bearer' ? null : unboundLink;
  if (mode !== 'bearer' && holderKey === null) return incompleteLink;
  return identity === null ? unverifiableLink : null;
}

export function areSame(one: Access, other: Access): boolean {
  return one.token === other.token && one.holderKey === other.holderKey && one.identity === other.identity;
}
