/** `sda` to `sdaz`, in the order in which a kernel gives them. */
const NAMES = ['', 'a'].flatMap((first) =>
  Array.from({ length: 26 }, (_, index) => `sd${first}${String.fromCharCode('a'.charCodeAt(0) + index)}`),
);

export function freeName(taken: ReadonlySet<string>): string {
  const free = NAMES.find((name) => !taken.has(name));
  if (free === undefined) throw new Error('The lab has no more names for disks');
  return free;
}

export function inOrder(a: string, b: string): number {
  return NAMES.indexOf(a) - NAMES.indexOf(b);
}

/** `8:32` for sdc: sixteen numbers a disk, sixteen disks a major. */
export function deviceNumber(device: string): string {
  const [, name = '', part = '0'] = /(sd[a-z]+)(\d*)$/.exec(device) ?? [];
  const index = NAMES.indexOf(name);
  if (index < 0) throw new Error(`${device} is no disk of the lab`);
  const major = index < 16 ? 8 : 64 + Math.floor(index / 16);
  return `${major}:${(index % 16) * 16 + Number(part)}`;
}
