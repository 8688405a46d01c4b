import type { Claims } from './token';

// What the viewer itself says of access. Whole sentences: each stands alone, as the detail of a refusal.

export const noLink = 'This device shows its cameras to whoever has a link: "edgecam token", run on the device, prints one to open here';
export const damagedLink = 'This link is damaged; copy the whole of it, and open it again';
export const incompleteLink = 'This link is incomplete: its key is missing; copy the whole of it, and open it again';
export const unverifiableLink = 'This link is incomplete: it does not say by what to know the device; copy the whole of it, and open it again';
export const unboundLink = 'This link is good for whoever sees it, and this page does not ask for such; ask whoever runs the device for a new one';
export const foreignKey = 'This link does not hold together: its key is another token\'s; ask whoever runs the device for a new one';
export const expired = 'The link has expired; ask whoever runs the device for a new one';
export const notTheDevice = 'The answer does not come from this device: somebody between it and you changed it';

/** Why the device ends the access of a session, by its own word for it. */
const endings: Readonly<Record<string, string>> = {
  expired,
  revoked: 'This link was revoked; ask whoever runs the device for a new one',
  revokedHolder: 'This link was revoked, with all others of its key; ask whoever runs the device for a new one',
  revokedKey: 'Whoever made this link may make none any more; ask whoever runs the device for a new one',
  revokedBefore: 'Links as old as this one were revoked; ask whoever runs the device for a new one',
  keyWithdrawn: 'The key that this link was signed with is no longer in use; ask whoever runs the device for a new one',
};

/** A whole sentence for the end of a session's access; null where the device says of no such end. */
export function endedWords(cause: unknown, reason: unknown): string | null {
  if (typeof cause !== 'string' || cause === '') return null;
  return endings[cause] ?? `The device ended your access${typeof reason === 'string' && reason !== '' ? `: ${reason}` : '; ask whoever runs it for a new link'}`;
}

export function expiredLink(at: Date): string {
  return `This link expired on ${moment(at)}; ask whoever runs the device for a new one`;
}

/** Lines for the statistics: what could be verified, and what the link allows. None where the device lets anybody in and no link was used. */
export function describeAccess(claims: Claims | null, verified: boolean, isOpen: boolean): [string, string][] {
  const lines: [string, string][] = [];
  if (verified || !isOpen) lines.push(['Device', verified ? 'verified' : 'not verified']);
  if (claims !== null)
    lines.push(['Access', [claims.name, claims.scopes.join(' ') || null].filter((part) => part !== null).join(': ') || 'by a link']);
  if (claims?.expiresAt != null) lines.push(['Expires', moment(new Date(claims.expiresAt * 1000))]);
  return lines;
}

/** As the people around here write it. */
function moment(at: Date): string {
  return at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
