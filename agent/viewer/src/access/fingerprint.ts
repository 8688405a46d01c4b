/**
 * The certificate fingerprint of a session description as it stands there ("sha-256 AB:CD…", RFC 8122). Null where there is none, or
 * more than one: a signature covers one, and a second one, of a single medium or in a spelling that only some browsers read, is how
 * somebody in the middle would slip in his own.
 */
export function readFingerprint(sdp: string): string | null {
  const lines = sdp.split(/[\r\n\0\u2028\u2029]+/).filter((line) => /fingerprint/i.test(line));
  const values = new Set(lines.map((line) => /^a=fingerprint:(\S+ \S+)$/.exec(line)?.[1] ?? null));
  const [value] = values;
  return values.size === 1 ? (value ?? null) : null;
}
