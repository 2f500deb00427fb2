import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { show } from '../../src/core/command.ts';
import type { Outcome, Recording } from '../../src/core/output.ts';
import { isFailure } from '../../src/core/output.ts';
import type { Check } from '../../src/core/plan.ts';
import type { Ask } from '../../src/core/reading.ts';
import { readerOver, recordInto } from '../../src/core/reading.ts';
import { root } from '../tree.ts';

export const TIMED_OUT: Outcome = { failed: 'timed-out', says: 'It gave no answer within its deadline.', toDo: 'Look again.' };

const recorded = Map.groupBy(
  recordings().flatMap((one) => Object.entries(one)),
  ([line]) => line,
);

function recordings(): readonly Recording[] {
  const folder = join(root, 'runbooks');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\/recordings\/[^/]+\.json$/.test(name))
    .map((name): Recording => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

/** A line that a condition reads, and an answer to it. */
export interface Answer {
  readonly line: string;
  readonly outcome: Outcome;
}

/** An answer for which this condition of the step says no: what another system printed, else what this one prints with a change. */
export async function refusing({ check, step }: Asked, here: Ask, elsewhere: readonly Ask[]): Promise<Answer | undefined> {
  const now = await answersTo(check, here);
  const others = await Promise.all(elsewhere.map((ask) => answersTo(check, ask)));
  for (const [line, outcome] of Object.entries(now)) {
    const saysNo = async (other: Outcome) => {
      const ask: Ask = async (command) => (show(command) === line ? other : (now[show(command)] ?? TIMED_OUT));
      return (await check.holds(readerOver(ask))).answer === 'no';
    };
    for (const other of [...(recorded.get(line) ?? []).map(([, each]) => each), ...others.flatMap((each) => each[line] ?? [])])
      if (await saysNo(inRunOf(step, other))) return { line, outcome: inRunOf(step, other) };
    for (const other of withNamed(`${check.says} ${step}`, outcome)) if (await saysNo(other)) return { line, outcome: other };
    for (const other of variationsOf(outcome)) if (await saysNo(other)) return { line, outcome: other };
  }
  return undefined;
}

/** A condition, and the line of the change that waits for it. */
interface Asked {
  readonly check: Check;
  readonly step: string;
}

/** All that a condition reads, in its order. */
export async function answersTo(check: Check, ask: Ask): Promise<Recording> {
  const recording: Record<string, Outcome> = {};
  await check.holds(readerOver(recordInto(recording, ask)));
  return recording;
}

const OF_A_RUN = /storagebot-[0-9a-f]{6,}-/g;

/** Whether all that this line names was made by one run: what an earlier one has left has a name of its own. */
export function isOfOneRun(line: string): boolean {
  return new Set(line.match(OF_A_RUN)).size <= 1;
}

/** Names that another run gives, as the run of this line gives them. */
export function inRunOf<T>(line: string, value: T): T {
  const [run] = line.match(OF_A_RUN) ?? [];
  return run === undefined ? value : JSON.parse(JSON.stringify(value).replaceAll(OF_A_RUN, run));
}

/** What somebody has added meanwhile of all that the condition or the change names: a snapshot, an object with this uid, a user of this path. */
function* withNamed(says: string, outcome: Outcome): Generator<Outcome> {
  if (isFailure(outcome)) return;
  const { stdout } = outcome;
  for (const [name] of says.matchAll(/[\w./-]+@storagebot-[\w-]+/g))
    yield { ...outcome, stdout: `${stdout}${name}\t1\t1\t0\t0\t0\t-\n` };
  for (const [uid] of says.matchAll(UID)) yield { ...outcome, stdout: stdout.replace(new RegExp(UID, ''), uid) };
  for (const [path] of says.matchAll(PATH))
    for (const other of new Set([...stdout.matchAll(/"(\/mnt\/[^"]*)"/g)].map(([, each]) => each ?? '')))
      yield { ...outcome, stdout: stdout.replaceAll(`"${other}"`, `"${path}"`) };
  for (const [, namespace, claim] of says.matchAll(/\b([a-z0-9-]+)\/([a-z0-9-]+)/g)) {
    const user = /"namespace":"[^"]*"(?=(?:(?!"namespace":)[^])*?"claimName":"([^"]*)")/.exec(stdout);
    if (!stdout.startsWith('{"kind":"PodList"') || user === null) continue;
    const rest = stdout.slice(user.index + user[0].length).replace(`"claimName":"${user[1]}"`, `"claimName":"${claim}"`);
    yield { ...outcome, stdout: `${stdout.slice(0, user.index)}"namespace":"${namespace}"${rest}` };
  }
}

const PATH = /\/mnt\/[\w./-]*\w/g;
const UID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;

/** Words that say the opposite of each other where programs print states. */
const OPPOSITES: readonly (readonly [string, string])[] = [
  ['yes', 'no'],
  ['true', 'false'],
  ['True', 'False'],
  ['active', 'inactive'],
  ['running', 'stopped'],
  ['Running', 'Pending'],
  ['is running', 'is not running'],
];

/** What the same program could have printed in another state of the world; an alert of another fingerprint is another alert with the same labels. */
function* variationsOf(outcome: Outcome): Generator<Outcome> {
  if (isFailure(outcome)) return;
  const { stdout } = outcome;
  for (const exitCode of [0, 1, 2, 3, 4]) yield { ...outcome, exitCode };
  for (const exitCode of [0, 1, 2, 3, 4]) yield { exitCode, stdout: '', stderr: '' };
  yield { exitCode: 0, stdout: '0:0\n', stderr: '' };
  yield { exitCode: 0, stdout: 'LoadState=not-found\nActiveState=inactive\n', stderr: '' };
  yield { exitCode: 32, stdout: '', stderr: 'mount.nfs: access denied by server while mounting\n' };
  for (const [one, other] of OPPOSITES) {
    yield { ...outcome, stdout: stdout.replaceAll(new RegExp(`\\b${one}\\b`, 'g'), other) };
    yield { ...outcome, stdout: stdout.replaceAll(new RegExp(`\\b${other}\\b`, 'g'), one) };
  }
  for (const { 0: found, index } of stdout.matchAll(/"fingerprint":\s*"[0-9a-f]+"/g))
    yield {
      ...outcome,
      stdout: `${stdout.slice(0, index)}"fingerprint":"00000000000000aa"${stdout.slice(index + found.length)}`,
    };
  yield { ...outcome, stdout: `${stdout}${stdout}` };
  for (const line of LINES_MORE) yield { ...outcome, stdout: `${stdout}${line}\n` };
  yield { ...outcome, stdout: stdout.replaceAll(/^d(.*)$/gm, 'l$1 -> /elsewhere') };
  yield* withoutOneLine(outcome, stdout);
  yield* withOtherWord(outcome, stdout);
  yield* otherJson(outcome, stdout);
  yield* withDisksOfOthers(outcome, stdout);
}

/** What a list of files, exports, mounts or processes may have got meanwhile. */
const LINES_MORE = [
  '/mnt/main/other',
  '/mnt/main/other 10.0.20.0/24(rw,sync,no_subtree_check)',
  'D   21407    1200 rpc_wait_bit_killable            mount.nfs',
  'main/archive#kept\t9999999999',
  ...['/mnt/main/old-wiki', '/mnt/main/im'].flatMap((path) => [
    `10.0.20.50:${path}`,
    `10.0.10.15:${path} /var/lib/kubelet/pods/x/volumes/kubernetes.io~nfs/x nfs4 rw,vers=4.2 0 0`,
  ]),
];

function* withoutOneLine(outcome: Outcome, stdout: string): Generator<Outcome> {
  const lines = stdout.split('\n');
  for (const [index, line] of lines.entries()) {
    const rest = lines.toSpliced(index, 1).join('\n');
    yield { ...outcome, stdout: rest } as Outcome;
    // As ls ends where one of the paths is not there.
    const [path = ''] = /\/\S*$/.exec(line) ?? [];
    for (const exitCode of [1, 2]) yield { exitCode, stdout: rest, stderr: `ls: ${path}: No such file or directory\n` };
    for (const exitCode of [1, 2])
      yield { exitCode, stdout: rest, stderr: `ls: cannot access '${path}': No such file or directory\n` };
  }
}

function* withOtherWord(outcome: Outcome, stdout: string): Generator<Outcome> {
  for (const { index, 0: word } of stdout.matchAll(/[\w:]+/g)) {
    if (stdout.length > 4_000) return;
    for (const other of /^\d+$/.test(word) ? [`${Number(word) + 1}`, '0'] : [`${word}x`])
      yield { ...outcome, stdout: stdout.slice(0, index) + other + stdout.slice(index + word.length) } as Outcome;
  }
}

/** The configuration of a virtual machine that has got the disks of another one. */
function* withDisksOfOthers(outcome: Outcome, stdout: string): Generator<Outcome> {
  if (!stdout.startsWith('{') || !stdout.includes('"scsihw"')) return;
  for (const [line, [first]] of recorded) {
    const other = first?.[1];
    if (!/\/qemu\/\d+\/config /.test(line) || other === undefined || isFailure(other) || other.exitCode !== 0) continue;
    const disks = Object.entries(JSON.parse(other.stdout)).filter(([key]) => /^scsi\d+$/.test(key));
    yield { ...outcome, stdout: JSON.stringify({ ...JSON.parse(stdout), ...Object.fromEntries(disks) }) } as Outcome;
  }
}

/** A list with nothing in it, or with one item less, and an object with another uid or resourceVersion. */
function* otherJson(outcome: Outcome, stdout: string): Generator<Outcome> {
  if (!stdout.startsWith('{') && !stdout.startsWith('[')) return;
  const parsed: unknown = JSON.parse(stdout);
  const items =
    typeof parsed === 'object' && parsed !== null && 'items' in parsed && Array.isArray(parsed.items) ? parsed.items : [];
  const again = (value: unknown) => ({ ...outcome, stdout: JSON.stringify(value) }) as Outcome;
  if (items.length > 0) yield again({ ...Object(parsed), items: [] });
  const spec: unknown = typeof parsed === 'object' && parsed !== null && 'spec' in parsed ? parsed.spec : undefined;
  for (const unschedulable of [true, false]) yield again({ ...Object(parsed), spec: { ...Object(spec), unschedulable } });
  for (const index of items.keys()) yield again({ ...Object(parsed), items: items.toSpliced(index, 1) });
  for (const { 0: uid } of stdout.matchAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g))
    yield { ...outcome, stdout: stdout.replaceAll(uid, '00000000-0000-4000-8000-000000000000') } as Outcome;
}
