import { fromBase64Url } from './bytes';
import { readPublicKey, type PublicKey } from './p256';

/** What a token (RFC 7519) says of itself. Only the device verifies it: here it is for display, and to see early that it will not do. */
export interface Claims {
  /** Whom it was made for, as people call them. */
  readonly name: string | null;
  readonly scopes: readonly string[];
  /** Devices, or groups of them. */
  readonly audience: readonly string[];
  /** Unix seconds. */
  readonly expiresAt: number | null;
  /** The key whose holder may use it (RFC 7800); null: whoever has it. */
  readonly holder: PublicKey | null;
}

/** Null where it is no token that can be read here; the device may know better. */
export function readClaims(token: string): Claims | null {
  const parts = token.split('.');
  const payload = parts.length === 3 ? fromBase64Url(parts[1] ?? '') : null;
  if (payload === null) return null;
  let read: unknown;
  try {
    read = JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return null;
  }

  if (typeof read !== 'object' || read === null) return null;
  const { name, sub, scope, aud, exp, cnf } = read as Record<string, unknown>;
  const confirmation = (typeof cnf === 'object' && cnf !== null ? cnf : {}) as Record<string, unknown>;
  return {
    name: [name, sub].find((text): text is string => typeof text === 'string' && text !== '')?.slice(0, 80) ?? null,
    scopes: typeof scope === 'string' ? scope.split(' ').filter((one) => one !== '').slice(0, 16) : [],
    audience: (Array.isArray(aud) ? aud : [aud]).filter((one): one is string => typeof one === 'string'),
    expiresAt: typeof exp === 'number' && Number.isFinite(exp) ? exp : null,
    holder: readPublicKey(confirmation['jwk']),
  };
}
