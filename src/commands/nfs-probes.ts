import type { Host } from '../core/command.ts';
import { defineRead, operand } from '../core/command.ts';
import type { Failure, Output } from '../core/output.ts';
import { quote } from '../core/quote.ts';
import type { Seen } from '../core/reading.ts';
import { partOf } from '../core/reading.ts';
import { boundedAsRoot, ENDED_BY_TIMEOUT, linesOf } from './bounded.ts';
import type { MountAnswer } from './nfs-client.ts';
import { parseProbe } from './nfs-client.ts';

/** Longer than one probe with its `-k 1` takes, so that it ends this only where a probe cannot be ended. */
const ALL_PROBES_S = 6;

/**
 * The probe of `probeMount` for each argument, side by side. A line says which argument, how stat(1) ended and what it said after
 * the path, so that no name can look like an answer. Only this shell holds the channel: it can be ended whatever a probe waits for.
 */
const PROBE_EACH =
  'i=0; for point do i=$((i+1)); (said=$(timeout -k 1 4 stat --cached=never --format=%u:%g "$point" 2>&1);' +
  ' printf "%s %s %s\\n" "$i" "$?" "${said##*: }") & done; wait';

/** What the probe of one of several mounts gave. `unended`: no signal ends it. */
export type OneOfMany =
  | MountAnswer
  | { readonly state: 'unended' }
  | { readonly state: 'unreadable'; readonly exitCode: number; readonly said: string };

/** Calls many mounted directories of one node once, in one session. The answers are in the order of the mount points. */
export function probeMounts(node: Host, mountPoints: readonly [string, ...string[]]) {
  return defineRead<readonly OneOfMany[]>({
    asks: `Which of ${mountPoints.length} mounts answer on ${node.name}?`,
    command: boundedAsRoot(node, ALL_PROBES_S, ['sh', '-c', PROBE_EACH, 'probe', ...mountPoints.map(operand)]),
    answers: [0, ...ENDED_BY_TIMEOUT],
    parse: (output) => parseProbes(output, mountPoints.length),
  });
}

/** Throws where a line is missing though all probes have ended, is there twice, or is of no probe that was asked for. */
export function parseProbes({ exitCode, stdout }: Output, count: number): OneOfMany[] {
  const found = new Map<number, OneOfMany>();
  for (const line of linesOf(stdout)) {
    const [, position = '', status = '', said = ''] = /^([1-9]\d{0,4}) (\d{1,3}) (.*)$/.exec(line) ?? [];
    const index = Number(position) - 1;
    if (position === '' || index >= count || found.has(index)) throw new Error(`not the answer of a probe: ${line}`);
    found.set(index, toAnswer(Number(status), said));
  }
  if (exitCode === 0 && found.size < count) throw new Error(`${found.size} answers of ${count} probes`);
  return Array.from({ length: count }, (_, index) => found.get(index) ?? { state: 'unended' });
}

function toAnswer(exitCode: number, said: string): OneOfMany {
  try {
    return parseProbe({ exitCode, stdout: exitCode === 0 ? said : '', stderr: exitCode === 0 ? '' : said });
  } catch {
    return { state: 'unreadable', exitCode, said };
  }
}

/** Each mount by itself, as if it alone had been asked: what hides one mount hides no other. */
export function answersOf(seen: Seen<readonly OneOfMany[]>, mountPoints: readonly string[]): Seen<MountAnswer>[] {
  return mountPoints.map((_, index) =>
    partOf(seen, (all) => {
      const answer = all[index];
      if (answer === undefined || answer.state === 'unended') return { why: UNENDED };
      return answer.state === 'unreadable' ? { why: unreadable(answer) } : { value: answer };
    }),
  );
}

const UNENDED: Failure = {
  failed: 'timed-out',
  says: 'The call to this mount waits in the kernel, and no signal ends it.',
  toDo: 'Look at the NFS client of the node: ps -eo state,pid,etimes,wchan:32,comm shows what it waits for.',
};

function unreadable({ exitCode, said }: { readonly exitCode: number; readonly said: string }): Failure {
  return {
    failed: 'unreadable',
    says: `stat ended with exit code ${exitCode}, and this version does not know what it said: ${said.slice(0, 300)}`,
    toDo: 'Run stat on that mount by hand, with timeout -k 1 4 before it.',
  };
}

/** So many that a node runs them at once without noticing; one session of its sshd for each group. */
const MOST_AT_ONCE = 50;
/** A line holds 120,000 bytes. */
const MOST_BYTES = 60_000;

/** Groups that one command each can take. */
export function inGroups(mountPoints: readonly string[]): [string, ...string[]][] {
  const groups: [string, ...string[]][] = [];
  let bytes = 0;
  for (const point of mountPoints) {
    const more = Buffer.byteLength(quote(point)) + 1;
    const last = groups.at(-1);
    const fits = last !== undefined && last.length < MOST_AT_ONCE && bytes + more <= MOST_BYTES;
    if (fits) last.push(point);
    else groups.push([point]);
    bytes = fits ? bytes + more : more;
  }
  return groups;
}
