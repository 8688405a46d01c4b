// Answers of a device are read member by member: whatever is absent or makes no sense takes its default.

export type Members = Readonly<Record<string, unknown>>;

export function readMembers(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

export function readList(value: unknown, bound: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, bound) : [];
}

export function readText(value: unknown, longest = 200): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, longest) : null;
}

export function readNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function readFlag(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}
