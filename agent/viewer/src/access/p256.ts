import { fromBase64Url, type Bytes } from './bytes';
import { SubtleP256 } from './subtle';

/** A public key on P-256: coordinates of 32 bytes in base64url (RFC 7518 section 6.2.1). */
export interface PublicKey {
  readonly x: string;
  readonly y: string;
}

export interface PrivateKey extends PublicKey {
  /** The private scalar, 32 bytes in base64url. */
  readonly d: string;
}

/** As much cryptography as access takes: ES256 (RFC 7518 section 3.4, raw r and s of 32 bytes each) and SHA-256. */
export interface P256 {
  sha256(data: Bytes): Promise<Uint8Array>;
  /** Null where the private scalar is not the public key's. */
  sign(key: PrivateKey, data: Bytes): Promise<Uint8Array | null>;
  /** Also false where the key is no point of the curve. */
  verify(key: PublicKey, signature: Bytes, data: Bytes): Promise<boolean>;
}

/**
 * The browser's own, or where the page has no secure context (http on a LAN address) a library's, in a file of its own that is fetched
 * only then.
 */
export async function loadP256(): Promise<P256> {
  const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;
  return subtle === undefined ? (await import('./noble')).nobleP256 : new SubtleP256(subtle);
}

/** Null where it is no public key on P-256. Whether it is a point of the curve, verification finds out. */
export function readPublicKey(jwk: unknown): PublicKey | null {
  const { kty, crv, x, y } = (typeof jwk === 'object' && jwk !== null ? jwk : {}) as Record<string, unknown>;
  return kty === 'EC' && crv === 'P-256' && isCoordinate(x) && isCoordinate(y) ? { x, y } : null;
}

/** 32 bytes: a coordinate, a private scalar or a thumbprint. */
export function isCoordinate(text: unknown): text is string {
  return typeof text === 'string' && text.length === 43 && fromBase64Url(text) !== null;
}
