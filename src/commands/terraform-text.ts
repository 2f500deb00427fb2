import { linesOf } from './bounded.ts';

export interface Checkout {
  /** The commit that is checked out, 40 digits. */
  readonly commit: string;
  /** Absent where the commit is checked out without a branch. */
  readonly branch?: string;
  /** Commits that the upstream of the branch did not have, and that it had, when it was last fetched. */
  readonly ahead: number;
  readonly behind: number;
  /** Files that differ from the commit, of the stack and of what stacks share. */
  readonly changed: readonly string[];
}

/** As `git status --porcelain=v2 --branch` says it of the whole checkout. */
export function parseStatus(text: string, stack: string): Checkout {
  const lines = linesOf(text);
  const header = (form: RegExp) => lines.map((line) => form.exec(line)?.[1]).find((value) => value !== undefined);
  const commit = header(/^# branch\.oid ([0-9a-f]{40})$/);
  if (commit === undefined) throw new Error('no commit is checked out');
  const branch = header(/^# branch\.head ([^(].*)$/);
  const changed = lines.filter((line) => !line.startsWith('# ')).flatMap(pathsIn);
  return {
    commit,
    ...(branch !== undefined && { branch }),
    ahead: Number(header(/^# branch\.ab \+(\d+) -\d+$/) ?? 0),
    behind: Number(header(/^# branch\.ab \+\d+ -(\d+)$/) ?? 0),
    changed: changed.filter((path) => concerns(path, stack)),
  };
}

/** `1 .M N... 100644 100644 100644 h h path`, `2 R. … path<tab>old`, `u …`, `? path`; in quotes where a path has special characters. */
function pathsIn(line: string): string[] {
  const paths = /^(?:1 (?:\S+ ){7}|2 (?:\S+ ){8}|u (?:\S+ ){9}|\? )(.+)$/.exec(line)?.[1];
  if (paths === undefined) throw new Error(`not a changed file: ${line}`);
  return paths.split('\t').map((path) => path.replace(/^"(.*)"$/, '$1'));
}

/** Stacks include files from above them and modules from beside them; only what is another stack's own is of no concern. */
function concerns(path: string, stack: string): boolean {
  const shelf = stack.slice(0, stack.lastIndexOf('/') + 1);
  const isOnShelf = shelf !== '' && path.startsWith(shelf) && path.slice(shelf.length).includes('/');
  return !isOnShelf || path.startsWith(`${stack}/`);
}

/** What the saved plan would do, as Terraform wrote it when it planned: it leaves out what is marked as sensitive. */
export interface PlannedChanges {
  readonly imports?: number;
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  /** `helm_release.csi_driver_nfs will be updated in-place`; also what only the state forgets or renames. */
  readonly resources: readonly string[];
}

const SUMMARY = /^Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy(?:, \d+ to forget)?\.$/gm;

/** Terraform indents its headings by two spaces and what resources hold by more, so that no value can look like one. */
const HEADING = /^ {2}# (?!\()(\S.{0,300}? (?:will (?:be|no longer be)|must be|has moved to) .{1,200})$/;

const GONE = /(?:will be destroyed|(?:will|must) be replaced\b.*)$/;

export function parsePlan(text: string): PlannedChanges {
  const resources = linesOf(text).flatMap((line) => HEADING.exec(line)?.[1] ?? []);
  const [summary, ...others] = text.matchAll(SUMMARY);
  if (others.length > 0) throw new Error('more than one plan');
  if (summary === undefined) return withoutSummary(text);
  const [, imports, add, change, destroy] = summary;
  if (goneOf({ resources }).length !== Number(destroy)) throw new Error('it does not name all that it destroys');
  const imported = imports === undefined ? {} : { imports: Number(imports) };
  return { ...imported, add: Number(add), change: Number(change), destroy: Number(destroy), resources };
}

function withoutSummary(text: string): PlannedChanges {
  const none = { add: 0, change: 0, destroy: 0 };
  if (/^No changes\./m.test(text)) return { ...none, resources: [] };
  if (/^Changes to Outputs:$/m.test(text)) return { ...none, resources: ['outputs of the stack will be updated'] };
  throw new Error('neither a plan nor "No changes."');
}

/** Whether it makes this one resource anew, and does nothing else. */
export function replacesOnly({ imports = 0, add, change, destroy, resources }: PlannedChanges, address: string): boolean {
  const [does, ...others] = resources;
  const isIt =
    does !== undefined &&
    does.startsWith(`${address} `) &&
    /^ (?:is tainted, so )?(?:will|must) be replaced\b/.test(does.slice(address.length));
  return isIt && others.length === 0 && imports === 0 && add === 1 && change === 0 && destroy === 1;
}

/** What would not be there any more, or another one under the same name. */
export function goneOf({ resources }: Pick<PlannedChanges, 'resources'>): readonly string[] {
  return resources.filter((text) => GONE.test(text));
}
