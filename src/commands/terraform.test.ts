import { describe, expect, it } from 'vitest';
import { Refusal } from '../core/errors.ts';
import { applyPlan, planFiles, planName, savePlan, saveReplacingPlan } from './terraform.ts';
import { goneOf, parsePlan, parseStatus, replacesOnly } from './terraform-text.ts';

const OID = '9722db814f1c7a30be5d2c96a8e3017b6fd4c052';
const HEAD = `# branch.oid ${OID}\n# branch.head master\n# branch.upstream origin/master\n# branch.ab +0 -0\n`;
const STACK = 'stacks/nfs-csi';
const stack = {
  terraform: { host: { name: 'devvm', sudo: false }, directory: '/srv/infra', plans: '/var/lib/storagebot-plans', stacks: {} },
  stack: STACK,
};

describe('git status', () => {
  it('names the commit, and nothing else where nothing differs', () => {
    expect(parseStatus(HEAD, STACK)).toEqual({ commit: OID, branch: 'master', ahead: 0, behind: 0, changed: [] });
  });

  it('names each file that differs, in each of its four ways to say so', () => {
    const hash = 'a'.repeat(40);
    const rows = [
      `1 .M N... 100644 100644 100644 ${hash} ${hash} stacks/nfs-csi/main.tf`,
      `2 R. N... 100644 100644 100644 ${hash} ${hash} R100 stacks/nfs-csi/new name.tf\tstacks/nfs-csi/old.tf`,
      `u UU N... 100644 100644 100644 100644 ${hash} ${hash} ${hash} stacks/nfs-csi/both.tf`,
      '? stacks/nfs-csi/left.tf',
    ];
    expect(parseStatus(`${HEAD}${rows.join('\n')}\n`, STACK).changed).toEqual([
      'stacks/nfs-csi/main.tf',
      'stacks/nfs-csi/new name.tf',
      'stacks/nfs-csi/old.tf',
      'stacks/nfs-csi/both.tf',
      'stacks/nfs-csi/left.tf',
    ]);
  });

  it('names what stacks share, and not what is of another stack', () => {
    const paths = [
      'terragrunt.hcl',
      'modules/csi/main.tf',
      'stacks/root.hcl',
      'stacks/proxmox-csi/main.tf',
      'stacks/nfs-csi-old/a.tf',
    ];
    const text = `${HEAD}${paths.map((path) => `? ${path}`).join('\n')}\n? "stacks/nfs-csi/a\\tb.tf"\n`;
    expect(parseStatus(text, STACK).changed).toEqual([...paths.slice(0, 3), 'stacks/nfs-csi/a\\tb.tf']);
  });

  it('tells how far it is from its upstream, and that no branch is checked out', () => {
    const behind = HEAD.replace('+0 -0', '+1 -12');
    expect(parseStatus(behind, STACK)).toMatchObject({ branch: 'master', ahead: 1, behind: 12 });
    const detached = `# branch.oid ${OID}\n# branch.head (detached)\n`;
    expect(parseStatus(detached, STACK)).toEqual({ commit: OID, ahead: 0, behind: 0, changed: [] });
  });

  it.each(['', '# branch.oid (initial)\n', `${HEAD}warning: something\n`])('is not understood as %j', (text) => {
    expect(() => parseStatus(text, STACK)).toThrow(/^(no commit is checked out|not a changed file)/);
  });
});

describe('the text of a plan', () => {
  const PLAN = `
Terraform will perform the following actions:

  # helm_release.csi_driver_nfs will be updated in-place
  ~ resource "helm_release" "csi_driver_nfs" {
        id = "csi-driver-nfs"
      # (28 unchanged attributes hidden)
    }

  # kubernetes_storage_class.nfs must be replaced
-/+ resource "kubernetes_storage_class" "nfs" {
    }

Plan: 1 to add, 1 to change, 1 to destroy.
`;

  it('counts, and names each resource with what becomes of it', () => {
    expect(parsePlan(PLAN)).toEqual({
      add: 1,
      change: 1,
      destroy: 1,
      resources: ['helm_release.csi_driver_nfs will be updated in-place', 'kubernetes_storage_class.nfs must be replaced'],
    });
  });

  it('may import as well', () => {
    expect(parsePlan('Plan: 2 to import, 0 to add, 0 to change, 0 to destroy.\n')).toMatchObject({ imports: 2, destroy: 0 });
  });

  it('names what is destroyed under any of the words that Terraform has for it', () => {
    const headings = [
      'helm_release.a["b c"] will be destroyed',
      'helm_release.c is tainted, so must be replaced',
      'helm_release.d will be replaced, as requested',
      'helm_release.e (deposed object 1f2e3d4c) will be destroyed',
    ];
    const text = headings.map((heading) => `  # ${heading}\n  # (because)\n`).join('');
    const planned = parsePlan(`${text}\nPlan: 2 to add, 0 to change, 4 to destroy.\n`);
    expect(goneOf(planned)).toEqual(headings);
    expect(() => parsePlan(`${text}\nPlan: 2 to add, 0 to change, 5 to destroy.\n`)).toThrow('does not name all');
  });

  it('takes neither its sum nor a heading from what a value says', () => {
    const values = '              Plan: 0 to add, 0 to change, 0 to destroy.\n          # helm_release.x will be destroyed\n';
    expect(parsePlan(PLAN.replace('    }\n', `${values}    }\n`))).toEqual(parsePlan(PLAN));
    expect(() => parsePlan(`${PLAN}${PLAN}`)).toThrow('more than one plan');
    expect(() => parsePlan(PLAN.replace(/^/gm, '04:31:02.123 STDOUT terraform: '))).toThrow('neither a plan');
  });

  it('is not empty where only the state or the outputs change', () => {
    const forgotten = '  # helm_release.a will no longer be managed by Terraform, but will not be destroyed\n';
    const { destroy, resources } = parsePlan(`${forgotten}\nPlan: 0 to add, 0 to change, 0 to destroy.\n`);
    expect({ destroy, resources: resources.length }).toEqual({ destroy: 0, resources: 1 });
    expect(parsePlan('\nChanges to Outputs:\n  + x = 1\n').resources).toHaveLength(1);
  });

  it('says in one sentence that nothing changes', () => {
    const text = '\nNo changes. Your infrastructure matches the configuration.\n\nTerraform has compared …\n';
    expect(parsePlan(text)).toEqual({ add: 0, change: 0, destroy: 0, resources: [] });
  });

  it.each(['', 'Error: Failed to load plugin schemas\n', PLAN.replace(/Plan:.*\n/, '')])(
    'that ends early is no plan without changes',
    (text) => {
      expect(() => parsePlan(text)).toThrow('neither a plan');
    },
  );
});

describe('a plan that makes one resource anew', () => {
  const ADDRESS = 'module.dbaas.null_resource.pg_cluster';
  const plan = (heading: string, sum = '1 to add, 0 to change, 1 to destroy') => parsePlan(`  # ${heading}\n\nPlan: ${sum}.\n`);

  it.each(['will be replaced, as requested', 'must be replaced', 'is tainted, so must be replaced'])(
    'is known by: %s',
    (does) => {
      expect(replacesOnly(plan(`${ADDRESS} ${does}`), ADDRESS)).toBe(true);
    },
  );

  it.each([
    ['another resource', plan(`${ADDRESS}_2 will be replaced, as requested`)],
    ['one of the same name elsewhere', plan('null_resource.pg_cluster will be replaced, as requested')],
    ['one that is only destroyed', plan(`${ADDRESS} will be destroyed`, '0 to add, 0 to change, 1 to destroy')],
    ['one that is made', plan(`${ADDRESS} will be created`, '1 to add, 0 to change, 0 to destroy')],
    ['one more that is changed', plan(`${ADDRESS} will be replaced, as requested`, '1 to add, 1 to change, 1 to destroy')],
    [
      'one more that is only forgotten',
      {
        ...plan(`${ADDRESS} will be replaced, as requested`),
        resources: [`${ADDRESS} will be replaced, as requested`, 'a.b will no longer be managed by Terraform'],
      },
    ],
    ['one that is imported', { ...plan(`${ADDRESS} will be replaced, as requested`), imports: 1 }],
    ['nothing', parsePlan('No changes. Your infrastructure matches the configuration.\n')],
  ])('is not what a plan of %s is', (_what, planned) => {
    expect(replacesOnly(planned, ADDRESS)).toBe(false);
  });

  it.each(['', '-destroy', 'a', 'a.b -destroy', 'a.b["x"]', 'a..b', `a.${'b'.repeat(300)}`])('%j is no address', (address) => {
    expect(() => saveReplacingPlan(stack, OID, address)).toThrow(Refusal);
  });
});

describe('kept plans', () => {
  const parse = planFiles(stack, OID).parse;
  const name = 'stacks.nfs-csi-9722db814f1c';

  it('are known by stack and commit', () => {
    expect(planName(stack, OID)).toBe(name);
  });

  it('have the time of their file, and their log is none of them', () => {
    const stdout = `1775206810.0000000000 ${name}.tfplan\n1775206810.9999 ${name}.txt\n1775206809.5 ${name}.log\n`;
    expect(parse({ exitCode: 0, stdout, stderr: '' })).toEqual([
      { kind: 'tfplan', commit: '9722db814f1c', madeAtS: 1_775_206_810 },
      { kind: 'txt', commit: '9722db814f1c', madeAtS: 1_775_206_810 },
    ]);
  });

  it('of another commit count only while they are applied, and those of other stacks never', () => {
    const other = '0123456789ab';
    const stdout = ['tfplan', 'applying'].map((kind) => `1775206810 stacks.nfs-csi-${other}.${kind}\n`).join('');
    const found = parse({ exitCode: 0, stdout: `${stdout}1775206810 stacks.nfs-csi-old-${other}.applying\n`, stderr: '' });
    expect(found).toEqual([{ kind: 'applying', commit: other, madeAtS: 1_775_206_810 }]);
    expect(planName({ stack: 'a/b-c' }, OID)).not.toBe(planName({ stack: 'a-b/c' }, OID));
  });

  it('are none where their directory is not there, and unknown where it cannot be read', () => {
    const none = 'find: ‘/var/lib/storagebot-plans’: No such file or directory\n';
    expect(parse({ exitCode: 1, stdout: '', stderr: none })).toEqual([]);
    const denied = 'find: ‘/var/lib/storagebot-plans’: Permission denied\n';
    expect(() => parse({ exitCode: 1, stdout: '', stderr: denied })).toThrow('Permission denied');
  });
});

it('what destroys is destructive, what applies anything else is high, and a plan is neither', () => {
  const risks = [true, false].map((destroys) => applyPlan(stack, OID, { digest: 'e3b0'.repeat(16), destroys }).risk);
  expect([...risks, savePlan(stack, OID).risk]).toEqual(['destructive', 'high', 'normal']);
});

it.each(['-', '--check', '', 'E3B0'.repeat(16)])('%j is neither the digest of a plan nor a stack', (text) => {
  expect(() => applyPlan(stack, OID, { digest: text, destroys: false })).toThrow(Refusal);
  expect(() => savePlan({ ...stack, stack: text === '' ? '../x' : `${text}/` }, OID)).toThrow(Refusal);
});
