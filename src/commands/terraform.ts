import { defineChange, defineRead, on } from '../core/command.ts';
import { RESOURCE_ADDRESS } from '../core/databases.ts';
import { Refusal } from '../core/errors.ts';
import type { Terraform } from '../core/site.ts';
import { linesOf } from './bounded.ts';
import type { Checkout, PlannedChanges } from './terraform-text.ts';
import { parsePlan, parseStatus } from './terraform-text.ts';

/** One stack of a checkout. */
export interface Stack {
  readonly terraform: Terraform;
  /** Below the checkout: `stacks/nfs-csi`. */
  readonly stack: string;
}

/** The checked out commit, and whether the stack and what it shares are as that commit has them. Git writes nothing, not even its index. */
export function checkoutOf({ terraform, stack }: Stack) {
  const { host, directory } = terraform;
  return defineRead<Checkout>({
    asks: `Which commit of ${stack} is checked out on ${host.name}?`,
    command: on(
      host,
      10_000,
      'git',
      '--no-optional-locks',
      '-c',
      'core.fsmonitor=false',
      '-C',
      directory,
      'status',
      '--porcelain=v2',
      '--branch',
      '--untracked-files=all',
    ),
    answers: [0],
    parse: ({ stdout }) => parseStatus(stdout, stack),
  });
}

/** Files of one stack and commit in the directory of plans. */
export type PlanKind = 'tfplan' | 'txt' | 'applying' | 'applied';

export interface PlanFile {
  readonly kind: PlanKind;
  /** The first twelve digits of its commit. */
  readonly commit: string;
  /** Seconds since 1970 by the host's clock. */
  readonly madeAtS: number;
}

/** `stacks.nfs-csi-0123456789ab`: of a stack as one commit has it. No stack has a dot, so that no two have one name. */
export function planName({ stack }: Pick<Stack, 'stack'>, commit: string): string {
  const isFit = /^\w[\w-]*(\/\w[\w-]*)*$/.test(stack) && /^[0-9a-f]{12,40}$/.test(commit);
  if (!isFit) throw new Refusal('bad-request', `${JSON.stringify(`${stack} ${commit}`.slice(0, 300))} is no stack and commit`);
  return `${stack.replaceAll('/', '.')}-${commit.slice(0, 12)}`;
}

export function planFile({ terraform, stack }: Stack, commit: string, kind: PlanKind): string {
  return `${terraform.plans}/${planName({ stack }, commit)}.${kind}`;
}

/** What is kept of this stack as this commit has it, and what is being applied of any commit; nothing before there is a directory. */
export function planFiles({ terraform, stack }: Stack, commit: string) {
  const { host, plans } = terraform;
  const start = planName({ stack }, commit).slice(0, -12);
  return defineRead<readonly PlanFile[]>({
    asks: `Which plans of ${stack} are kept on ${host.name}?`,
    command: on(host, 7_000, 'find', plans, '-maxdepth', '1', '-type', 'f', '-name', `${start}*.*`, '-printf', '%T@ %f\\n'),
    answers: [0, 1],
    parse: ({ exitCode, stdout, stderr }) => {
      if (exitCode === 0) {
        const all = linesOf(stdout).flatMap((line) => planFileIn(line, start));
        return all.filter((file) => file.kind === 'applying' || file.commit === commit.slice(0, 12));
      }
      if (/No such file or directory/.test(stderr)) return [];
      throw new Error(stderr);
    },
  });
}

const KINDS: readonly string[] = ['tfplan', 'txt', 'applying', 'applied'] satisfies PlanKind[];

function isKind(text: string): text is PlanKind {
  return KINDS.includes(text);
}

/** What terragrunt writes beside them, as its log, is none of them; nor is what is of a stack whose name begins alike. */
function planFileIn(line: string, start: string): PlanFile[] {
  const [, at, file = ''] = /^(\d+(?:\.\d+)?) (\S+)$/.exec(line) ?? [];
  if (at === undefined || !file.startsWith(start)) throw new Error(`not a plan: ${line}`);
  const [, commit, kind = ''] = /^([0-9a-f]{12})\.(\S+)$/.exec(file.slice(start.length)) ?? [];
  return commit !== undefined && isKind(kind) ? [{ kind, commit, madeAtS: Math.floor(Number(at)) }] : [];
}

/** SHA-256 of the saved plan. */
export function planDigest(stack: Stack, commit: string) {
  const { host } = stack.terraform;
  return defineRead<string>({
    asks: `Which plan of ${stack.stack} is saved on ${host.name}?`,
    command: on(host, 7_000, 'sha256sum', planFile(stack, commit, 'tfplan')),
    answers: [0],
    parse: ({ stdout }) => {
      const digest = /^([0-9a-f]{64}) /.exec(stdout)?.[1];
      if (digest === undefined) throw new Error(stdout);
      return digest;
    },
  });
}

export function plannedChanges(stack: Stack, commit: string) {
  const { host } = stack.terraform;
  return defineRead<PlannedChanges>({
    asks: `What would the saved plan of ${stack.stack} change?`,
    command: on(host, 7_000, 'head', '-c', '400000', planFile(stack, commit, 'txt')),
    answers: [0],
    parse: ({ stdout }) => parsePlan(stdout),
  });
}

/** Without the prefixes of terragrunt's own log, and without a question. */
const ENVIRONMENT = [
  'TG_NON_INTERACTIVE=true TERRAGRUNT_NON_INTERACTIVE=true',
  'TG_TF_FORWARD_STDOUT=true TERRAGRUNT_FORWARD_TF_STDOUT=true',
].join(' ');

/** Saves a plan and what it says under a name of its own; at the end, so that neither half a plan nor another one's text is ever found. */
export const PLAN_SCRIPT = planScript('');

/** The same, with one resource to be made anew although nothing of it has changed. */
export const REPLACE_SCRIPT = planScript(' -replace="$5"');

function planScript(more: '' | ' -replace="$5"'): string {
  return [
    `set -eu; umask 077; export ${ENVIRONMENT}; mkdir -p "$2"; cd "$1"`,
    `terragrunt plan -input=false -no-color -lock-timeout=60s${more} -out="$2/$3.new" >"$2/$3.new-txt" 2>"$2/$3.log" || { tail -n 20 "$2/$3.log" >&2; exit 1; }`,
    '[ "$(git rev-parse HEAD)" = "$4" ] || { echo "another commit was checked out meanwhile" >&2; exit 3; }',
    'rm -f "$2/$3.tfplan"; mv "$2/$3.new-txt" "$2/$3.txt"; mv "$2/$3.new" "$2/$3.tfplan"',
  ].join('; ');
}

/** Minutes: it asks the cluster and the registries of charts. */
const PLAN_MS = 300_000;
const APPLY_MS = 900_000;

export function savePlan(stack: Stack, commit: string) {
  const { terraform } = stack;
  const words = [`${terraform.directory}/${stack.stack}`, terraform.plans, planName(stack, commit), commit] as const;
  return defineChange({ command: on(terraform.host, PLAN_MS, 'sh', '-c', PLAN_SCRIPT, 'terragrunt', ...words), risk: 'normal' });
}

export function saveReplacingPlan(stack: Stack, commit: string, address: string) {
  const { terraform } = stack;
  if (address.length > 300 || !RESOURCE_ADDRESS.test(address))
    throw new Refusal('bad-request', `${JSON.stringify(address.slice(0, 300))} is no address of a resource`);
  const words = [`${terraform.directory}/${stack.stack}`, terraform.plans, planName(stack, commit), commit, address] as const;
  return defineChange({
    command: on(terraform.host, PLAN_MS, 'sh', '-c', REPLACE_SCRIPT, 'terragrunt', ...words),
    risk: 'normal',
  });
}

/**
 * Takes this file away first, so that nobody can replace what is compared, and applies it if it is the one that was approved. Terraform
 * itself refuses it once the state has changed. Nothing of it is kept: it may hold secrets.
 */
export const APPLY_SCRIPT = [
  `set -eu; umask 077; export ${ENVIRONMENT}; cd "$1"`,
  'ln "$2.tfplan" "$2.applying"; rm "$2.tfplan"; touch "$2.applying"',
  '{ [ ! -L "$2.applying" ] && printf "%s  %s\\n" "$3" "$2.applying" | sha256sum --check --status; } || { mv "$2.applying" "$2.tfplan"; echo "the saved plan is not the one that was approved" >&2; exit 3; }',
  'terragrunt apply -input=false -no-color -lock-timeout=60s "$2.applying" >"$2.log" 2>&1 || { tail -n 20 "$2.log" >&2; exit 1; }',
  ': >"$2.applied"; rm "$2.applying"',
].join('; ');

export function applyPlan(
  stack: Stack,
  commit: string,
  { digest, destroys }: { readonly digest: string; readonly destroys: boolean },
) {
  const { terraform } = stack;
  if (!/^[0-9a-f]{64}$/.test(digest))
    throw new Refusal('bad-request', `${JSON.stringify(digest.slice(0, 100))} is no SHA-256 of a plan`);
  const file = `${terraform.plans}/${planName(stack, commit)}`;
  const words = [`${terraform.directory}/${stack.stack}`, file, digest] as const;
  return defineChange({
    command: on(terraform.host, APPLY_MS, 'sh', '-c', APPLY_SCRIPT, 'terragrunt', ...words),
    risk: destroys ? 'destructive' : 'high',
  });
}
