import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { type Anchor, readAnchors } from './anchor.ts';
import { fileName, MEMORY } from './anchors.ts';
import type { SeenHead, TrailProblem } from './verify.ts';

export interface KnownAnchors {
  readonly anchors: readonly SeenHead[];
  readonly counts: readonly { readonly where: string; readonly count: number }[];
  readonly problems: readonly TrailProblem[];
}

interface AnchorFile {
  readonly where: string;
  readonly anchors: readonly (Anchor & SeenHead)[];
  readonly problems: readonly TrailProblem[];
}

export interface AnchorSources {
  readonly stateDirectory: string;
  /** The file in which the configuration wants the head to be anchored. */
  readonly anchorFile?: string;
  /** Heads that a person has seen elsewhere. */
  readonly given: readonly SeenHead[];
}

/** Every head that is known from outside the trail. What cannot be read is a problem. */
export async function knownAnchors({ stateDirectory, anchorFile, given }: AnchorSources): Promise<KnownAnchors> {
  const memory = await anchorsIn(join(stateDirectory, MEMORY), `the bot's memory (${MEMORY})`);
  const outside = anchorFile === undefined ? [] : [await anchorsIn(anchorFile, fileName(anchorFile))];
  const all = [memory, ...outside];
  return {
    anchors: [...all.flatMap(({ anchors }) => anchors), ...given],
    counts: [
      ...all.map(({ where, anchors }) => ({ where, count: anchors.length })),
      { where: 'the command line', count: given.length },
    ],
    problems: [...all.flatMap(({ problems }) => problems), ...outside.flatMap((file) => lost(memory, file))],
  };
}

async function anchorsIn(file: string, where: string): Promise<AnchorFile> {
  try {
    const { anchors, unreadable } = await readAnchors(file);
    const says = (line: number) => `Line ${line} of ${where} is not an anchor. If a crash tore it, remove it.`;
    return {
      where,
      anchors: anchors.map((anchor) => ({ ...anchor, where })),
      problems: unreadable.map((line) => ({ says: says(line) })),
    };
  } catch (error) {
    return { where, anchors: [], problems: [{ says: `The anchors in ${where} cannot be read: ${messageOf(error)}` }] };
  }
}

/** What the bot remembers to have put there, and is not there. */
function lost(memory: AnchorFile, { where, anchors, problems }: AnchorFile): TrailProblem[] {
  if (problems.length > 0) return [];
  const last = memory.anchors.findLast(({ to }) => to === where);
  if (last === undefined || anchors.some(({ seq, mac }) => seq === last.seq && mac === last.mac)) return [];
  return [{ says: `The anchor of seq ${last.seq} is gone from ${where}.`, seq: last.seq }];
}
