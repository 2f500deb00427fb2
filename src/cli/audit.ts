import { type Examined, examine, examinePatiently, type ToExamine } from '../audit/examine.ts';
import { createHistory } from '../audit/history.ts';
import { recordingsIn } from '../audit/journal.ts';
import { readAuditKey } from '../audit/key.ts';
import { renderReport } from '../audit/report.ts';
import { openSnapshot } from '../audit/sources.ts';
import { standingOf } from '../audit/standing.ts';
import { type RunRecord, renderTimeline } from '../audit/timeline.ts';
import { AuditUnusable } from '../audit/trail.ts';
import type { SeenHead } from '../audit/verify.ts';
import type { Config } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import { Refusal } from '../core/errors.ts';
import { verificationText } from './audit-text.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

export interface AuditRequest {
  readonly words: readonly string[];
  /** What was given with --anchor. */
  readonly anchors: readonly string[];
  readonly config: Config;
  readonly secrets: Secrets;
  readonly terminal: Terminal;
}

/** Only reads, and works while the bot runs. `verify` exits with 0 only where everything agrees. */
export async function audit(request: AuditRequest): Promise<ExitCode> {
  const [what, run, ...more] = request.words;
  if (what === 'verify' && run === undefined) return verify(request);
  const isKnown = (what === 'show' || what === 'report') && run !== undefined && more.length === 0;
  if (!isKnown || request.anchors.length > 0) {
    throw new Refusal(
      'bad-request',
      'The commands for the audit trail: storagebot audit verify [--anchor SEQ:CODE]…, audit show <run>, audit report <run>',
    );
  }
  const record = await recordOf(run, await toExamine(request));
  request.terminal.out(what === 'show' ? renderTimeline(record) : renderReport(record));
  return record.standing.problems.length === 0 ? EXIT.well : EXIT.ill;
}

async function verify(request: AuditRequest): Promise<ExitCode> {
  const wanted = await toExamine(request);
  const examined = await examinePatiently(wanted);
  request.terminal.out(verificationText(wanted, examined));
  return examined.problems.length === 0 ? EXIT.well : EXIT.ill;
}

async function toExamine({ config, secrets, anchors }: AuditRequest): Promise<ToExamine> {
  const { directory } = config.state;
  const { key: ref, anchor } = config.audit;
  const key = await readAuditKey({ stateDirectory: directory, secrets, ...(ref === undefined ? {} : { key: ref }) });
  if (key === undefined) throw new AuditUnusable(`There is no key of an audit trail in ${directory}: nothing can be verified.`);
  return {
    stateDirectory: directory,
    key,
    given: anchors.map(givenHead),
    ...(anchor?.file === undefined ? {} : { anchorFile: anchor.file }),
  };
}

/** As Slack shows a head: `42:3f9a…`, of which the first 8 digits are enough. */
function givenHead(text: string): SeenHead {
  const [, seq, mac] = /^(\d{1,15})[: ]([0-9a-f]{8,64})…?$/.exec(text.trim()) ?? [];
  if (seq === undefined || mac === undefined) {
    throw new Refusal(
      'bad-request',
      '--anchor wants a number and at least 8 digits of the code, as Slack shows them: 42:3f9a1c07',
    );
  }
  return { seq: Number(seq), mac, where: 'the command line' };
}

async function recordOf(run: string, wanted: ToExamine): Promise<RunRecord> {
  const history = createHistory(run);
  const { problems }: Examined = await examine({ ...wanted, each: history.hear });
  const entries = history.entries();
  if (entries.length === 0) throw new Refusal('not-found', `The audit trail tells of no run ${run}.`);
  const snapshot = openSnapshot(wanted.stateDirectory);
  try {
    return { run, entries, recordings: recordingsIn(snapshot.db, run), standing: standingOf(run, entries, problems) };
  } finally {
    snapshot.close();
  }
}
