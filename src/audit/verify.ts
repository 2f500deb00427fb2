import { GENESIS, type Head, isGenuine, keyIdOf, type Sealed, unseal } from './chain.ts';

/** One line of a trail as it was found. */
export interface FoundLine {
  readonly text: string;
  /** False for a last line without its line feed. */
  readonly whole: boolean;
}

/** A head that somebody else has seen. */
export interface SeenHead {
  readonly seq: number;
  /** Its first hexadecimal digits, all 64 or fewer. */
  readonly mac: string;
  /** Where it was seen, in words: `the file /mnt/log/anchors`. */
  readonly where: string;
}

export interface TrailProblem {
  readonly says: string;
  /** The number of the line in the trail, where there is one. */
  readonly seq?: number;
  /** The run whose journal does not fit the trail. */
  readonly run?: string;
}

export interface Verified {
  /** How many lines were found. */
  readonly lines: number;
  /** The code of each line that can be read, by its number. */
  readonly macs: ReadonlyMap<number, string>;
  /** The line with the highest number. */
  readonly head: Head;
  readonly problems: readonly TrailProblem[];
}

export interface ToVerify {
  readonly lines: Iterable<FoundLine>;
  readonly key: Uint8Array;
  readonly anchors?: readonly SeenHead[];
  /** Gets each genuine line once, in the order in which they stand. */
  readonly each?: (sealed: Sealed) => void;
}

/** What the walk knows when it comes to a line. */
interface Walk {
  readonly key: Uint8Array;
  readonly macs: Map<number, string>;
  readonly problems: TrailProblem[];
  readonly each: (sealed: Sealed) => void;
  number: number;
  /** The line before; undefined where it could not be read, so that nothing can be said of what follows it. */
  before: Head | undefined;
}

/** Finds every line that was edited, removed, moved, doubled, cut off, replaced, or made with another key. */
export function verifyTrail({ lines, key, anchors = [], each = () => undefined }: ToVerify): Verified {
  const walk: Walk = { key, macs: new Map(), problems: [], each, number: 0, before: GENESIS };
  for (const line of lines) {
    walk.number += 1;
    visit(walk, line);
  }
  const { macs, problems, number } = walk;
  const head = [...macs].reduce<Head>((last, [seq, mac]) => (seq > last.seq ? { seq, mac } : last), GENESIS);
  problems.push(...gapsIn(macs), ...anchors.flatMap((anchor) => against(anchor, { macs, head })));
  return { lines: number, macs, head, problems };
}

function visit(walk: Walk, { text, whole }: FoundLine): void {
  const { number, key, macs, problems, before } = walk;
  const sealed = unseal(text);
  const at = sealed === undefined ? `Line ${number}` : `Line ${number} (seq ${sealed.seq})`;
  const tell = (says: string) => problems.push({ says: `${at} ${says}`, ...(sealed && { seq: sealed.seq }) });
  if (!whole) tell('is torn: it has no line feed at its end.');
  walk.before = sealed;
  if (sealed === undefined) {
    if (whole) tell(text === '' ? 'is empty.' : 'is not a line of the trail: it was edited or put in.');
    return;
  }
  const doubt = doubtOf(text, sealed, key);
  if (doubt !== undefined) tell(doubt);
  const known = macs.get(sealed.seq);
  if (known !== undefined) {
    tell(known === sealed.mac ? 'stands there twice.' : 'has a number that an earlier line has too.');
    return;
  }
  macs.set(sealed.seq, sealed.mac);
  if (before !== undefined && sealed.seq !== before.seq + 1)
    tell(`stands where seq ${before.seq + 1} belongs: lines were removed or moved.`);
  else if (before !== undefined && sealed.prev !== before.mac) tell('does not follow from the line before it.');
  if (doubt === undefined) walk.each(sealed);
}

function doubtOf(text: string, sealed: Sealed, key: Uint8Array): string | undefined {
  if (sealed.key !== keyIdOf(key)) return `was made with key ${sealed.key}, and the key here is ${keyIdOf(key)}.`;
  return isGenuine(text, sealed, key) ? undefined : 'was edited: its code does not fit.';
}

/** Numbers that stand nowhere, one sentence for each gap. */
function gapsIn(macs: ReadonlyMap<number, string>): TrailProblem[] {
  const seqs = [...macs.keys()].toSorted((a, b) => a - b);
  return seqs.flatMap((seq, index) => {
    const first = (seqs[index - 1] ?? 0) + 1;
    if (first === seq) return [];
    return [{ says: first === seq - 1 ? `Seq ${first} is missing.` : `Seqs ${first} to ${seq - 1} are missing.`, seq: first }];
  });
}

function against({ seq, mac, where }: SeenHead, { macs, head }: Pick<Verified, 'macs' | 'head'>): TrailProblem[] {
  if (seq === 0) return [];
  if (seq > head.seq)
    return [{ says: `The end was cut off: the trail ends with seq ${head.seq}, and ${where} has seen seq ${seq}.`, seq }];
  const found = macs.get(seq);
  if (found === undefined) return [{ says: `Seq ${seq}, which ${where} has seen, cannot be read.`, seq }];
  if (found.startsWith(mac)) return [];
  return [
    {
      says: `Seq ${seq} was ${mac.slice(0, 16)}… when ${where} saw it and is ${found.slice(0, 16)}… now: the trail was replaced.`,
      seq,
    },
  ];
}
