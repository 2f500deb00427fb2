import type { Mount } from './nfs-client.ts';

/** What the site's volumes on the NAS are mounted with, unless its configuration says otherwise. */
export const DEFAULT_MOUNT_OPTIONS = ['soft', 'timeo=30', 'retrans=3', 'actimeo=5'] as const;

interface Value {
  readonly takes: string;
  readonly fits: (value: string) => boolean;
}

interface Known {
  /** What it sets; options that set the same exclude each other. */
  readonly sets: readonly string[];
  /** Absent for one without a value. */
  readonly value?: Value;
}

const CACHE = ['acregmin', 'acregmax', 'acdirmin', 'acdirmax'] as const;

/** Every option that this bot may put on a volume; what is not here is for people. */
const KNOWN: Readonly<Record<string, Known>> = {
  soft: { sets: ['hardness'] },
  hard: { sets: ['hardness'] },
  timeo: { sets: ['timeo'], value: whole(10, 1_800, 'tenths of a second from 10 (1 s) to 1800 (3 minutes)') },
  retrans: { sets: ['retrans'], value: whole(1, 10, 'a number from 1 to 10') },
  rsize: { sets: ['rsize'], value: size() },
  wsize: { sets: ['wsize'], value: size() },
  nfsvers: { sets: ['version'], value: version() },
  vers: { sets: ['version'], value: version() },
  actimeo: { sets: CACHE, value: seconds() },
  noac: { sets: CACHE },
  ...Object.fromEntries(CACHE.map((name) => [name, { sets: [name], value: seconds() }])),
  nconnect: { sets: ['nconnect'], value: whole(1, 16, 'a number from 1 to 16') },
  noatime: { sets: ['atime'] },
  relatime: { sets: ['atime'] },
  nodiratime: { sets: ['diratime'] },
  nocto: { sets: ['cto'] },
};

/** What this bot does not set, and what contradicts that which it sets. */
const CONTRADICTS: Readonly<Record<string, readonly string[]>> = {
  softerr: ['hardness'],
  minorversion: ['version'],
  ...Object.fromEntries(['v2', 'v3', 'v4', 'v4.0', 'v4.1', 'v4.2'].map((name) => [name, ['version']])),
  ac: CACHE,
  cto: ['cto'],
  atime: ['atime'],
  norelatime: ['atime'],
  strictatime: ['atime'],
  diratime: ['diratime'],
};

function whole(least: number, most: number, takes: string): Value {
  return { takes, fits: (value) => /^[1-9]\d{0,6}$|^0$/.test(value) && Number(value) >= least && Number(value) <= most };
}

function seconds(): Value {
  return whole(0, 3_600, 'seconds from 0 to 3600');
}

function size(): Value {
  const { fits } = whole(4_096, 1_048_576, '');
  return { takes: 'bytes from 4096 to 1048576 in steps of 4096', fits: (value) => fits(value) && Number(value) % 4_096 === 0 };
}

function version(): Value {
  return { takes: '3, 4, 4.0, 4.1 or 4.2', fits: (value) => /^(3|4(\.[012])?)$/.test(value) };
}

function nameOf(option: string): string {
  return option.split('=', 1)[0] ?? option;
}

function setsOf(option: string): readonly string[] {
  const name = nameOf(option);
  if (Object.hasOwn(KNOWN, name)) return KNOWN[name]?.sets ?? [name];
  return (Object.hasOwn(CONTRADICTS, name) ? CONTRADICTS[name] : undefined) ?? [name];
}

function excludes(one: string, other: string): boolean {
  return setsOf(one).some((each) => setsOf(other).includes(each));
}

/** What is wrong with these options, as a sentence without its full stop; undefined where nothing is. */
export function problemWith(options: readonly string[]): string | undefined {
  for (const [index, option] of options.entries()) {
    const wrong = wrongAlone(option);
    if (wrong !== undefined) return wrong;
    const other = options.slice(0, index).find((each) => excludes(each, option));
    if (other !== undefined) return other === option ? `${option} is there twice` : `${other} and ${option} exclude each other`;
  }
  for (const kind of ['acreg', 'acdir']) {
    const [least, most] = [valueOf(options, `${kind}min`), valueOf(options, `${kind}max`)];
    if (least !== undefined && most !== undefined && Number(least) > Number(most))
      return `${kind}min=${least} is more than ${kind}max=${most}`;
  }
  return undefined;
}

function wrongAlone(option: string): string | undefined {
  const name = nameOf(option);
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  const shown = JSON.stringify(option.slice(0, 60));
  if (known === undefined) return `${shown} is no option that this bot sets; it knows ${Object.keys(KNOWN).join(', ')}`;
  const value = option === name ? undefined : option.slice(name.length + 1);
  if (known.value === undefined) return value === undefined ? undefined : `${name} takes no value`;
  return value !== undefined && known.value.fits(value) ? undefined : `${name} takes ${known.value.takes}, and this is ${shown}`;
}

/** The value that these options give this name: `timeo` → `30`. */
export function valueOf(options: readonly string[], name: string): string | undefined {
  return options.find((option) => nameOf(option) === name && option !== name)?.slice(name.length + 1);
}

/** The wanted options, and of those that are there all that say nothing about the same: what nobody asked for is kept. */
export function withOptions(there: readonly string[], wanted: readonly string[]): readonly string[] {
  return [...wanted, ...eachOf(there).filter((option) => !wanted.some((each) => excludes(each, option)))];
}

export function sameOptions(one: readonly string[], other: readonly string[]): boolean {
  return eachOf(one).toSorted().join(',') === eachOf(other).toSorted().join(',');
}

/** Kubernetes joins the options of a volume with commas, so that one of its words may be several. */
function eachOf(options: readonly string[]): readonly string[] {
  return options.flatMap((option) => option.split(',')).filter((option) => option !== '');
}

/** The version of NFS that these options ask for; absent where client and server agree on one. */
export function versionIn(options: readonly string[]): string | undefined {
  const each = eachOf(options);
  return valueOf(each, 'nfsvers') ?? valueOf(each, 'vers') ?? each.find((option) => /^v[34](\.[012])?$/.test(option))?.slice(1);
}

/** `lowered`: the kernel agreed on less with the server, or keeps the connections that it has. `not-shown`: the table does not say. */
export type Shown = 'yes' | 'no' | 'lowered' | 'not-shown';

/** What the kernel takes where it does not show the value, in seconds (NFS_DEF_AC… in its nfs_fs.h). */
const CACHE_DEFAULTS: Readonly<Record<string, string>> = { acregmin: '3', acregmax: '60', acdirmin: '30', acdirmax: '60' };

/** Whether a mount has the option, by what the kernel's table shows. */
export function shownBy({ options, version: is }: Mount, option: string): Shown {
  const name = nameOf(option);
  const value = valueOf([option], name);
  const answer = (yes: boolean): Shown => (yes ? 'yes' : 'no');
  switch (name) {
    case 'nfsvers':
    case 'vers':
      return answer(is === value || (value === '4' && is.startsWith('4')));
    case 'rsize':
    case 'wsize': {
      const shown = Number(valueOf(options, name));
      return shown < Number(value) ? 'lowered' : answer(shown === Number(value));
    }
    case 'nconnect':
      return valueOf(options, name) === value || value === '1' ? 'yes' : 'lowered';
    case 'actimeo':
      return answer(!options.includes('noac') && CACHE.every((each) => cached(options, each) === value));
    case 'soft':
    case 'hard':
    case 'noac':
    case 'noatime':
    case 'relatime':
    case 'nodiratime':
    case 'nocto':
      return answer(options.includes(name));
    case 'timeo':
    case 'retrans':
      return answer(valueOf(options, name) === value);
    default:
      return Object.hasOwn(CACHE_DEFAULTS, name) ? answer(cached(options, name) === value) : 'not-shown';
  }
}

function cached(options: readonly string[], name: string): string | undefined {
  return valueOf(options, name) ?? CACHE_DEFAULTS[name];
}

/** The kernel does not compare these when it decides whether two mounts are of one file system: the later mount gets the earlier's. */
const TAKEN_OVER = ['timeo', 'retrans'];

export function isTakenOver(option: string): boolean {
  return TAKEN_OVER.includes(nameOf(option));
}

/** Whether the kernel would let two mounts of one file system share all that it keeps of it, their time-outs included. */
export function sharesWith(one: Mount, other: Mount): boolean {
  const compared = ({ options }: Mount) => options.filter((option) => !isTakenOver(option)).toSorted();
  return one.server === other.server && compared(one).join(',') === compared(other).join(',');
}
