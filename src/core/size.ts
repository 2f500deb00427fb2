const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** For a person: `5 GiB`, `1.5 MiB`. */
export function sizeOf(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 1_024 ** step).toFixed(1))} ${UNITS[step]}`;
}
