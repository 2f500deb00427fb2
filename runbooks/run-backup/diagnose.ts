import type { Diagnosis } from '../../src/core/finding.ts';
import { knownOf, notSeen, ok, together } from '../../src/core/finding.ts';
import { sizeOf } from '../../src/core/size.ts';
import { spanText } from '../../src/core/span.ts';
import { judge } from '../../src/topology/backup-flaws.ts';
import { jobsOf, runningOf } from '../../src/topology/backup-look.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Facts } from './facts.ts';
import { bytesOf } from './facts.ts';

export function diagnose(facts: Facts): Diagnosis<Code> {
  const { jobs, kept, clock, room, pushed, load, templates } = facts;
  const seen = [
    jobs.schedules,
    jobs.runs,
    templates,
    kept.files,
    clock,
    room,
    ...(kept.newest === undefined ? [] : [kept.newest.content.seen]),
    ...(kept.inner === undefined ? [] : [kept.inner]),
    ...(load === undefined ? [] : [load]),
    ...(pushed.known || pushed.why.failed === 'not-configured' ? [] : [pushed]),
  ];
  const unseen = { evidence: notSeen(`Backup job ${facts.named.name}`, seen), findings: [] };
  const isDue = diagnoseDue(facts);
  return together([isDue, ...(isDue.findings.length === 0 ? [] : obstacles(facts)), unseen]);
}

/** A backup of the last hour is what was asked for, whoever made it. */
const FRESH_S = 3_600;
/** So far the clocks of two machines may be apart. */
const MOST_AHEAD_S = 600;

function diagnoseDue({ kept, clock, named }: Facts): Diagnosis<Code> {
  const { files, newest } = kept;
  if (!files.known || !clock.known) return NOTHING;
  const { name, job } = named;
  const remedy = `Make one more run of CronJob ${name}.`;
  if (newest === undefined)
    return found({ code: 'due', subject: name, says: `${job.path} has no backup of ${name}`, remedy, seen: [files, clock] });
  const ageS = clock.value - newest.file.modifiedAt;
  const age = ageS < 0 ? `is of ${spanText(-ageS)} after the clock of the NAS` : `is ${spanText(ageS)} old`;
  const about = `The newest backup of ${name}, ${newest.file.name}, ${age}`;
  if (ageS > FRESH_S || ageS < -MOST_AHEAD_S)
    return found({ code: 'due', subject: name, says: about, remedy, seen: [files, clock] });
  const judged = judge(named, newest.content);
  if (judged === undefined) return NOTHING;
  const [flaw] = judged.flaws;
  if (flaw === undefined) return told(ok(`${about} and whole: ${judged.holds}`, files, clock, judged.seen));
  return found({
    code: 'due',
    subject: name,
    says: `${about}, and of no use: ${flaw.says}`,
    remedy,
    seen: [files, clock, judged.seen],
  });
}

function obstacles(facts: Facts): readonly Diagnosis<Code>[] {
  return [noCronJob(facts), ofRuns(facts), ofSource(facts), ofLoad(facts), ofRoom(facts), ofTime(facts)];
}

function noCronJob({ jobs: { schedules }, named: { name, job } }: Facts): Diagnosis<Code> {
  if (!schedules.known || schedules.value.some((each) => each.namespace === job.namespace && each.name === job.cronJob))
    return NOTHING;
  return found({
    code: 'no-cron-job',
    subject: name,
    says: `There is no CronJob ${name}: nothing says how the backup is made`,
    remedy: 'Make it again from where it is declared (Terraform), or correct backups in storagebot.yaml.',
    seen: [schedules],
  });
}

function ofRuns({ jobs: { runs }, named, site }: Facts): Diagnosis<Code> {
  if (!runs.known) return NOTHING;
  const { name, job } = named;
  const own = runningOf(runs.value, named);
  if (own !== undefined)
    return found({
      code: 'runs-now',
      subject: name,
      says: `Job ${own.namespace}/${own.name} makes this backup now`,
      remedy: `Wait for its end, and look: /storage diagnose backups ${named.word}.`,
      doNot: 'Do not start a second one: both would write at once, and each reads the whole database.',
      seen: [runs],
    });
  const change = runs.value.find(({ isRunning, isOfBot, namespace }) => isRunning && isOfBot && namespace === job.namespace);
  if (change !== undefined)
    return found({
      code: 'change-runs',
      subject: name,
      says: `Job ${change.namespace}/${change.name} of this bot is changing something there: a backup of that would be of something half done`,
      remedy: 'Wait for the end of that run.',
      seen: [runs],
    });
  const other = jobsOf(site).find((each) => each.name !== name && runningOf(runs.value, each) !== undefined);
  if (other === undefined) return NOTHING;
  return found({
    code: 'others-run',
    subject: name,
    says: `The backup job ${other.name} runs now, and all of them write to the same disk`,
    remedy: 'Ask again when it has ended.',
    seen: [runs],
  });
}

function ofSource({ named: { name, source }, pushed }: Facts): Diagnosis<Code> {
  if (source === undefined || !pushed.known || pushed.value.isSourceOk.get(source.service) !== false) return NOTHING;
  return found({
    code: 'source-refused',
    subject: name,
    says: `The check of ${source.service}'s database says no, and the job does not copy a database that is not whole`,
    remedy: `/storage diagnose sqlite ${source.service} first.`,
    doNot: 'Do not take the check out of the job: it would put a copy that is not whole in the place of one that is.',
    seen: [pushed],
  });
}

const BUSY_PERCENT = 90;

function ofLoad({ named: { name }, load, site }: Facts): Diagnosis<Code> {
  if (load?.known !== true || load.value.busyPercent < BUSY_PERCENT) return NOTHING;
  return found({
    code: 'disk-busy',
    subject: name,
    says: `The disk under ${site.nas.host.name} works ${load.value.busyPercent} % of the time: a backup now would take long and slow down everything`,
    remedy: 'Find out what loads it: /storage diagnose slow nfs. Ask again when it has calmed down.',
    seen: [load],
  });
}

function ofRoom({ named: { name, job }, room, kept }: Facts): Diagnosis<Code> {
  const needed = bytesOf(kept) * 2;
  if (!room.known || !kept.files.known || room.value.bytes >= needed) return NOTHING;
  const content = kept.newest?.content;
  const sizedBy = content?.kind === 'directory' ? content.seen : kept.inner;
  return found({
    code: 'no-room',
    subject: name,
    says: `${sizeOf(room.value.bytes)} are free where ${job.path} lies, and the largest of the backups has ${sizeOf(needed / 2)}`,
    remedy: 'Make room first: /storage diagnose capacity.',
    doNot: 'Do not delete backups for it before there is a newer one that is whole.',
    seen: [room, kept.files, ...knownOf<unknown>(sizedBy === undefined ? [] : [sizedBy])],
  });
}

/** What is newer by its time is taken for the newest: a new backup would not be found beside it. */
function ofTime({ named: { name, job }, clock, kept: { files } }: Facts): Diagnosis<Code> {
  if (!clock.known || !files.known) return NOTHING;
  const ahead = files.value.find(({ modifiedAt }) => modifiedAt - clock.value > MOST_AHEAD_S);
  if (ahead === undefined) return NOTHING;
  return found({
    code: 'time-ahead',
    subject: name,
    says: `${ahead.name} in ${job.path} has a time ${spanText(ahead.modifiedAt - clock.value)} ahead of the clock of the NAS, and would be taken for newer than the backup of this run`,
    remedy: `Compare the clocks of the NAS and of who wrote it, then give the file its true time (touch -t), and ask again.`,
    seen: [files, clock],
  });
}
