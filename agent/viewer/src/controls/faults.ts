import { RpcError } from '../rpc';
import { readMembers, readText } from './reading';

/** The device's errors by name, as far as the controls tell them apart. */
export const codes = { methodNotFound: -32601, forbidden: -32001, notFound: -32002, held: -32003, unavailable: -32004, interlocked: -32005, tooMany: -32029 } as const;

export function codeOf(error: unknown): number | null {
  return error instanceof RpcError ? error.code : null;
}

/** The scope that the caller lacks, where that was the reason. */
export function missingScope(error: unknown): string | null {
  return error instanceof RpcError && error.code === codes.forbidden ? readText(readMembers(error.data)['scope'], 40) : null;
}

/** A refusal in one or two sentences: what is in the way, and what to do where the device knows. */
export function faultWords(error: unknown): string {
  if (!(error instanceof RpcError)) return error instanceof Error ? sentence(error.message) : 'It did not work';
  const data = readMembers(error.data);
  const scope = missingScope(error);
  if (scope !== null) return scopeWords(scope);
  const holder = readText(data['holder'], 80);
  if (error.code === codes.held && holder !== null) return `${holder} is in control`;
  if (error.code === 408) return 'The device did not answer in time';
  return withRemedy(error.message, readText(data['remedy']));
}

export function scopeWords(scope: string): string {
  return `Your link does not allow this: it lacks the scope “${scope}”`;
}

export function withRemedy(fault: string, remedy: string | null): string {
  const words = sentence(fault.trim().replace(/\.$/, ''));
  return remedy === null ? words : `${words}. ${sentence(remedy)}`;
}

function sentence(text: string): string {
  return text === '' ? 'It did not work' : text.charAt(0).toUpperCase() + text.slice(1);
}
