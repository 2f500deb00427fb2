import { createHash } from 'node:crypto';
import { type Answer, type Call, fail, lines, ok, type Program } from '../shell.ts';
import { CHECKOUT, type Pending, PLANS } from '../workstation.ts';

/** The programs of a workstation that concern plans. */
export const terraform: Readonly<Record<string, Program>> = {
  git: { run: git },
  find: { run: find },
  head: { run: head },
  sha256sum: { run: digest },
};

function git({ world: { workstation } }: Call, args: readonly string[]): Answer {
  const [optional, , , , directory, ...status] = args;
  const asked = 'status --porcelain=v2 --branch --untracked-files=all';
  const isStatus = optional === '--no-optional-locks' && status.join(' ') === asked;
  if (!isStatus) return fail(1, `git: '${args[0]}' is not a git command. See 'git --help'.`);
  if (directory !== CHECKOUT) return fail(128, `fatal: cannot change to '${directory}': No such file or directory`);
  return ok(
    lines([
      `# branch.oid ${workstation.commit}`,
      '# branch.head master',
      '# branch.upstream origin/master',
      `# branch.ab +0 -${workstation.behind}`,
      ...workstation.changed.map((path) => `1 .M N... 100644 100644 100644 ${'3'.repeat(40)} ${'3'.repeat(40)} ${path}`),
    ]),
  );
}

function find({ world: { workstation } }: Call, [directory = '', ...rest]: readonly string[]): Answer {
  if (directory !== PLANS || workstation.plans.size === 0) return fail(1, `find: ‘${directory}’: No such file or directory`);
  const start = (rest[rest.indexOf('-name') + 1] ?? '').replace(/\*.*$/, '');
  const found = [...workstation.plans].filter(([path]) => path.startsWith(`${PLANS}/${start}`));
  return ok(lines(found.map(([path, { madeMs }]) => `${(madeMs / 1_000).toFixed(10)} ${path.slice(PLANS.length + 1)}`)));
}

function head({ world: { workstation } }: Call, [, bytes, path = '']: readonly string[]): Answer {
  const file = workstation.plans.get(path);
  return file === undefined
    ? fail(1, `head: cannot open '${path}' for reading: No such file or directory`)
    : ok(file.text.slice(0, Number(bytes)));
}

function digest({ world: { workstation } }: Call, [path = '']: readonly string[]): Answer {
  const file = workstation.plans.get(path);
  if (file === undefined) return fail(1, `sha256sum: ${path}: No such file or directory`);
  return ok(`${sha256(file.text)}  ${path}\n`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** `terragrunt plan`, saved with what it says. */
export function plan({ world }: Call, [directory = '', plans = '', name = '', commit = '', replaces]: readonly string[]): Answer {
  const { workstation, time } = world;
  if (workstation.terragruntFails !== undefined) return fail(1, workstation.terragruntFails);
  if (commit !== workstation.commit) return fail(3, 'another commit was checked out meanwhile');
  const pending = pendingIn(workstation.pending, directory);
  const madeMs = time.nowMs;
  workstation.plans.set(`${plans}/${name}.log`, { text: '', madeMs });
  workstation.plans.set(`${plans}/${name}.txt`, { text: saysOf(pending, replaces), madeMs });
  workstation.plans.set(`${plans}/${name}.tfplan`, {
    text: `plan of ${[...pending.map(({ resource }) => resource), ...(replaces === undefined ? [] : [replaces])].join()} at ${madeMs}`,
    madeMs,
    ...(replaces !== undefined && { replaces }),
  });
  return ok();
}

function pendingIn(all: readonly Pending[], directory: string): readonly Pending[] {
  return all.filter(({ stack }) => directory === `${CHECKOUT}/${stack}`);
}

function saysOf(pending: readonly Pending[], replaces?: string): string {
  if (pending.length === 0 && replaces === undefined) return '\nNo changes. Your infrastructure matches the configuration.\n';
  const destroyed = pending.filter(({ does }) => does === 'destroyed').length;
  const anew = replaces === undefined ? 0 : 1;
  return lines([
    '',
    'Terraform will perform the following actions:',
    '',
    ...pending.flatMap(({ resource, does }) => [
      `  # ${resource} will be ${does}`,
      `  ${does === 'destroyed' ? '-' : '~'} resource "${resource.replace('.', '" "')}" {`,
      '        id = (sensitive value)',
      '    }',
      '',
    ]),
    ...(replaces === undefined ? [] : replacement(replaces)),
    `Plan: ${anew} to add, ${pending.length - destroyed} to change, ${destroyed + anew} to destroy.`,
  ]);
}

function replacement(address: string): readonly string[] {
  const [type, name] = address.split('.').slice(-2);
  return [
    `  # ${address} will be replaced, as requested`,
    `-/+ resource "${type}" "${name}" {`,
    '      ~ id       = "4633577465338553148" -> (known after apply)',
    '        # (1 unchanged attribute hidden)',
    '    }',
    '',
  ];
}

/** `terragrunt apply` of exactly that file. */
export function apply({ world }: Call, [directory = '', file = '', wanted = '']: readonly string[]): Answer {
  const { workstation, time } = world;
  const saved = workstation.plans.get(`${file}.tfplan`);
  if (saved === undefined || sha256(saved.text) !== wanted) return fail(3, 'the saved plan is not the one that was approved');
  workstation.plans.delete(`${file}.tfplan`);
  if (workstation.terragruntFails !== undefined) {
    workstation.plans.set(`${file}.applying`, { ...saved, madeMs: time.nowMs });
    return fail(1, workstation.terragruntFails);
  }
  for (const each of pendingIn([...workstation.pending], directory)) {
    workstation.pending.splice(workstation.pending.indexOf(each), 1);
    each.apply(world);
  }
  if (saved.replaces !== undefined) workstation.makers.get(saved.replaces)?.(world);
  workstation.plans.set(`${file}.applied`, { text: '', madeMs: time.nowMs });
  return ok();
}
