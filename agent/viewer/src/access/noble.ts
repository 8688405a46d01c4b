import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { fromBase64Url, toBase64Url, type Bytes } from './bytes';
import type { P256, PrivateKey, PublicKey } from './p256';

// Half of all ES256 signatures have a high s, and are as good (RFC 7518 section 3.4 knows no other rule).
const options = { prehash: true, lowS: false, format: 'compact' } as const;

/** By a library, for pages without a secure context. */
export const nobleP256: P256 = {
  sha256(data: Bytes): Promise<Uint8Array> {
    return Promise.resolve(sha256(data));
  },

  sign({ x, y, d }: PrivateKey, data: Bytes): Promise<Uint8Array | null> {
    const scalar = fromBase64Url(d);
    const isOurs = scalar !== null && p256.utils.isValidSecretKey(scalar) && toBase64Url(p256.getPublicKey(scalar, false)) === toBase64Url(uncompressed({ x, y }));
    return Promise.resolve(isOurs ? p256.sign(data, scalar, options) : null);
  },

  verify(key: PublicKey, signature: Bytes, data: Bytes): Promise<boolean> {
    try {
      return Promise.resolve(p256.verify(signature, data, uncompressed(key), options));
    } catch {
      return Promise.resolve(false);
    }
  },
};

/** SEC 1 section 2.3.3. */
function uncompressed({ x, y }: PublicKey): Uint8Array {
  return Uint8Array.of(4, ...(fromBase64Url(x) ?? []), ...(fromBase64Url(y) ?? []));
}
