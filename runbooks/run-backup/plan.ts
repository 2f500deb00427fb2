import type { BackupFile } from '../../src/commands/backup-files.ts';
import { backupFiles } from '../../src/commands/backup-files.ts';
import { backupRuns, jobTemplates } from '../../src/commands/backup-jobs.ts';
import { diskLoad } from '../../src/commands/host-load.ts';
import { workNamed } from '../../src/commands/work.ts';
import { runOfCronJob } from '../../src/commands/work-job.ts';
import type { Read } from '../../src/core/command.ts';
import { show } from '../../src/core/command.ts';
import type { Diagnosis } from '../../src/core/finding.ts';
import type { Hold } from '../../src/core/hold.ts';
import { changes, uses } from '../../src/core/hold.ts';
import type { Check, CheckResult, Plan, Step, Verification } from '../../src/core/plan.ts';
import { check, noUndo, steps, stop } from '../../src/core/plan.ts';
import { sizeOf } from '../../src/core/size.ts';
import { usesNas } from '../../src/repairs/holds.ts';
import { judge } from '../../src/topology/backup-flaws.ts';
import { contentOf, runningOf } from '../../src/topology/backup-look.ts';
import type { Code } from './codes.ts';
import type { CronTemplate, Facts } from './facts.ts';

export function plan({ findings, evidence }: Diagnosis<Code>, facts: Facts, workName: string): Plan {
  const due = findings.find(({ code }) => code === 'due');
  const obstacle = findings.find(({ code }) => code !== 'due');
  if (obstacle !== undefined) return stop(`First: ${obstacle.remedy}`);
  if (due === undefined) return stop('There is a whole backup of the last hour: nothing to do.');
  const { templates, named } = facts;
  const cron = templates.known
    ? templates.value.find(({ namespace, name }) => namespace === named.job.namespace && name === named.job.cronJob)
    : undefined;
  if (cron === undefined || evidence.some(({ status }) => status === 'unknown'))
    return stop('Not everything that a run depends on could be seen: no plan is made from what is not known.');
  return steps(runStep(facts, { cron, because: due, workName }));
}

/** Where the template says none: a dump of this site takes minutes. */
const USUAL_DEADLINE_S = 7_200;

interface Run {
  readonly cron: CronTemplate;
  readonly because: Step['because'];
  readonly workName: string;
}

function runStep(facts: Facts, { cron, because, workName }: Run): Step {
  const { named, kept } = facts;
  const { namespace, name: cronJob, labels, template } = cron;
  const newest = kept.files.known ? kept.files.value[0] : undefined;
  const name = workNamed(workName, 'backup');
  const { change, work } = runOfCronJob({ namespace, name, cronJob, labels, template, risk: 'normal' });
  const withinMs = ((template.activeDeadlineSeconds ?? USUAL_DEADLINE_S) + 60) * 1_000;
  return {
    title: `Make the backup ${named.word} now, as CronJob ${named.name} makes it`,
    because,
    before: [...conditions(facts, cron), nothingNewer(facts, newest)],
    change,
    work: { ...work, progress: growing(facts, newest) },
    after: { ...newBackup(facts, newest), withinMs },
    holds: holdsOf(facts),
    undo: noUndo(
      `It adds a backup and changes nothing else. The Job stays, so that what it said can be read: kubectl delete job ${name} --namespace=${namespace} takes it away.`,
    ),
    warnings: warningsOf(facts),
  };
}

function conditions({ named, site: { hypervisor } }: Facts, { namespace, name, template }: CronTemplate): [Check, ...Check[]] {
  const same = JSON.stringify(template);
  const disk = hypervisor?.dataDisk;
  return [
    check(`No run of ${named.name} is under way`, backupRuns(), (runs) => runningOf(runs, named) === undefined),
    check(`No Job of this bot works in ${namespace}`, backupRuns(), (runs) =>
      runs.every((run) => !run.isRunning || !run.isOfBot || run.namespace !== namespace),
    ),
    check(`CronJob ${named.name} runs what is shown here`, jobTemplates(), (all) =>
      all.some((each) => each.namespace === namespace && each.name === name && JSON.stringify(each.template) === same),
    ),
    ...(hypervisor === undefined || disk === undefined
      ? []
      : [check('The disk under the NAS is not busy', diskLoad(hypervisor.host, disk), ({ busyPercent }) => busyPercent < 90)]),
  ];
}

function nothingNewer({ named: { job }, site }: Facts, newest: BackupFile | undefined): Check {
  const says =
    newest === undefined ? `${job.path} has no backup yet` : `${newest.name} is still the newest backup in ${job.path}`;
  return check(says, backupFiles(site.nas.host, job), (files) => files[0]?.path === newest?.path);
}

function isNew(file: BackupFile, before: BackupFile | undefined): boolean {
  return before === undefined || file.modifiedAt > before.modifiedAt;
}

function growing({ named: { job }, site }: Facts, before: BackupFile | undefined): Read<string> {
  const files = backupFiles(site.nas.host, job);
  return {
    ...files,
    asks: `How far is the new backup in ${job.path}?`,
    parse: (output) => {
      const [newest] = files.parse(output);
      if (newest === undefined || !isNew(newest, before)) return 'no new backup yet';
      return newest.isDirectory ? newest.name : `${newest.name}, ${sizeOf(newest.bytes)}`;
    },
  };
}

/** Not that the Job succeeded: that its backup lies where it should, and is whole. */
function newBackup({ named, site }: Facts, before: BackupFile | undefined): Omit<Verification, 'withinMs'> {
  const { host } = site.nas;
  const files = backupFiles(host, named.job);
  return {
    says: `A new backup lies in ${named.job.path}, and is whole`,
    line: show(files.command),
    holds: async (read): Promise<CheckResult> => {
      const seen = await read(files);
      if (!seen.known) return { answer: 'unknown', seen };
      const [newest] = seen.value;
      if (newest === undefined || !isNew(newest, before)) return { answer: 'no', seen };
      const content = await contentOf(read, host, { named, file: newest, withinS: 600 });
      const judged = judge(named, content);
      return { answer: judged === undefined ? 'unknown' : judged.flaws.length === 0 ? 'yes' : 'no', seen: content.seen };
    },
  };
}

/** What the job reads must not be changed meanwhile. */
function holdsOf({ named: { job, name, source }, site }: Facts): readonly [Hold, ...Hold[]] {
  const { postgres, mysql } = site.databases ?? {};
  const servers = [postgres, mysql].filter((server) => server?.backups.path === job.path);
  return [
    changes('backups', job.path),
    uses('workload', name),
    usesNas(site),
    ...servers.flatMap((server) =>
      server === undefined ? [] : [uses('database-server', `${server.namespace}/${server.cluster}`)],
    ),
    ...(source === undefined ? [] : [uses('workload', `${source.sqlite.namespace}/${source.sqlite.workload}`)]),
  ];
}

function warningsOf({ jobs: { schedules }, named: { job, name } }: Facts): string[] {
  const cron = schedules.known
    ? schedules.value.find((each) => each.namespace === job.namespace && each.name === job.cronJob)
    : undefined;
  return [
    'It reads all that it backs up, and deletes backups that are older than it keeps, as each of its runs does.',
    `CronJob ${name} keeps its own time of success: an alert that counts from it goes on until a run of its own succeeds${cron === undefined ? '' : ` (${cron.schedule})`}.`,
    ...(cron === undefined || cron.suspended
      ? []
      : [
          `Near a time of its schedule (${cron.schedule}) it would start a run of its own beside this one: approve this well before or after.`,
        ]),
    ...(cron?.suspended === true ? [`CronJob ${name} is suspended and stays so: somebody may have had a reason.`] : []),
  ];
}
