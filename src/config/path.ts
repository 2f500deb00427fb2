/** The way to a setting: names of settings, and places in lists counted from 0. */
export type Path = readonly PropertyKey[];

/** `hosts.truenas.hostKeys[0]` */
export function showPath(path: Path): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return steps.join('').replace(/^\./, '') || 'the file';
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => new Map(Object.entries(entriesOf(at))).get(String(step)), value);
}

/** The value itself where it has entries, else nothing. */
export function entriesOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
