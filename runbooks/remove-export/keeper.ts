import type { ExportLine } from '../../src/commands/exports.ts';
import type { Diagnosis, Finding } from '../../src/core/finding.ts';
import { bad } from '../../src/core/finding.ts';
import type { Known } from '../../src/core/reading.ts';
import { isOneLine, textWithout } from '../../src/repairs/export-removal.ts';
import type { Code } from './codes.ts';
import type { Facts, Proofs } from './facts.ts';

/** Why the bot does not edit what keeps the export, and where a person does. */
interface Elsewhere {
  readonly says: string;
  readonly remedy: string;
  readonly doNot: string;
  readonly seen: readonly Known<unknown>[];
}

export function diagnoseKeeper(facts: Facts, [first, ...more]: Proofs): Diagnosis<Code> {
  const where = keptByScript(facts) ?? keptByShares(facts) ?? keptByFiles(facts);
  if (where === undefined) return { evidence: [], findings: [] };
  const says = `The export of ${facts.path} is not this bot's to edit: ${where.says}`;
  const seen: Proofs = [first, ...more, ...where.seen];
  const { remedy, doNot } = where;
  const finding: Finding<Code> = { code: 'kept-elsewhere', subject: facts.path, says, remedy, doNot, seen };
  return { evidence: [bad(says, ...seen)], findings: [finding] };
}

const WRITES_ANEW = 'Do not edit /etc/exports: it is written anew, and the line would be back.';
const NOT_TWICE = 'Do not reload the exports before each place was looked at: what one of them still names comes back.';

function keptByScript({ site }: Facts): Elsewhere | undefined {
  const script = site.nas.exportsScript;
  if (script === undefined) return undefined;
  return {
    says: `${script} makes all exports of this server`,
    remedy: `Take its create_nfs_export line out of ${script}, run it, and compare the list of exports before and after: one less, and no other gone.`,
    doNot: WRITES_ANEW,
    seen: [],
  };
}

function keptByShares({ nas: { shares, flavour, dropIns }, path }: Facts): Elsewhere | undefined {
  if (flavour === 'debian') return undefined;
  if (shares === undefined) {
    const remedy = 'Take its line out of /etc/exports, then reload mountd: service mountd onereload.';
    return { says: 'this server has neither a middleware nor a script for it', remedy, doNot: NOT_TWICE, seen: [] };
  }
  const naming = shares.known ? shares.value.filter(({ paths }) => paths.includes(path)) : [];
  const [share] = naming;
  if (share === undefined) {
    const remedy =
      'Find out who exported it by hand. Saving any share in the settings of TrueNAS writes the file anew, without it.';
    return { says: 'no share of the middleware names it', remedy, doNot: WRITES_ANEW, seen: [] };
  }
  if (dropIns?.known && dropIns.value.some((line) => line.path === path)) {
    const remedy =
      'Find out what wrote the file: zfs.exports comes from the property sharenfs of its dataset. Take the path out there, then ask again.';
    return { says: `share ${share.id} names it, and so does a file in /etc/exports.d`, remedy, doNot: NOT_TWICE, seen: [] };
  }
  if (naming.length === 1 && share.enabled) return undefined;
  const ids = naming.map(({ id }) => id).join(', ');
  return {
    says: naming.length > 1 ? `the shares ${ids} name it` : `share ${ids}, which is switched off, names it`,
    remedy: `Take the path out of share ${ids} in the settings of TrueNAS (Shares, NFS).`,
    doNot: WRITES_ANEW,
    seen: [],
  };
}

function keptByFiles({ nas: { flavour, file, dropIns }, path, mainText, ownText }: Facts): Elsewhere | undefined {
  if (flavour !== 'debian' || !file?.known || !dropIns?.known) return undefined;
  const count = (lines: readonly ExportLine[]) => lines.filter((line) => line.path === path).length;
  const [main, more] = [count(file.value), count(dropIns.value)];
  const remedy = `Find its lines with grep in /etc/exports and /etc/exports.d, take them out, then reload: exportfs -ra.`;
  if (main + more > 1) return { says: `${main + more} lines name it`, remedy, doNot: NOT_TWICE, seen: [] };
  if (main === 1 && mainText?.known && textWithout(mainText.value, path) === undefined) {
    return { says: 'its line in /etc/exports is not one line of that path alone', remedy, doNot: NOT_TWICE, seen: [mainText] };
  }
  if (more === 1 && ownText?.known && (ownText.value === undefined || !isOneLine(ownText.value, path))) {
    const says = 'it is in a file in /etc/exports.d that has another name, or more in it';
    return { says, remedy, doNot: NOT_TWICE, seen: [ownText] };
  }
  return undefined;
}
