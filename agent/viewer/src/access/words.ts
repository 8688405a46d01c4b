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
