import type { Diagnosis } from '../../src/core/finding.ts';
import { ok } from '../../src/core/finding.ts';
import { SEARCH_REMEDY } from '../../src/topology/sqlite-damage.ts';
import { found, NOTHING, told } from '../../src/topology/zfs-findings.ts';
import type { Code } from './codes.ts';
import type { Condition, SaidCondition } from './condition.ts';
import type { Choice, Facts } from './facts.ts';

type Part = Diagnosis<Code>;

/** For who has not chosen yet. */
export function aboutCondition(facts: Facts, condition: Condition, good: string | undefined): Part {
  const { service } = facts.asked;
  switch (condition.is) {
    case 'unseen':
      return NOTHING;
    case 'whole':
      return told(ok(`${condition.says}: nothing needs to be restored`, ...condition.seen));
    case 'damaged':
      return found({
        code: 'damaged',
        subject: service,
        says: `${service}: ${condition.says}`,
        remedy:
          good === undefined
            ? 'None of the newest backups is without fault: look for another copy of it.'
            : aroundRestore(
                facts,
                `restore the newest backup that nothing is wrong with: /storage restore sqlite ${service} from ${good}`,
              ),
        doNot: 'Do not run VACUUM, REINDEX or .recover on it: it is the only copy.',
        seen: condition.seen,
      });
    case 'indexes':
      return indexes(service, condition);
    case 'search':
      return search(service, condition);
    case 'no-table':
    case 'gone':
      return withoutTable(service, condition);
    case 'read-only':
      return readOnly(facts, condition);
    case 'not-corruption':
      return notCorruption(service, condition);
    case 'not-mounted':
      return notMounted(service, condition);
  }
}

/** On a disk that loses pages, or on NFS, the next database is damaged as well. */
function aroundRestore({ look: { backing, sqlite } }: Facts, how: string): string {
  if (backing?.found !== true) return how;
  const claim = `${sqlite.namespace}/${backing.volume.name}`;
  return backing.volume.backing.kind === 'nfs'
    ? `From NFS it should go to a disk afterwards (/storage migrate pvc ${claim} proxmox-lvm). Now ${how}`
    : `Look first whether the disk below it is sound (/storage diagnose block ${claim}). Then ${how}`;
}

interface Asked {
  readonly choice: Choice;
  readonly condition: Condition;
  readonly isDone: boolean;
  /** The bot stopped who uses it, for this, or has a Job that was cut short: how the database was, was judged then. */
  readonly isNoted: boolean;
}

/** Why what was chosen is the wrong thing for a database that is like this. */
export function conditionInTheWay(facts: Facts, { choice, condition, isDone, isNoted }: Asked): Part {
  const { service } = facts.asked;
  const isAnyway = choice.from === 'backup' && choice.anyway;
  switch (condition.is) {
    case 'unseen':
      return NOTHING;
    case 'not-corruption':
      return notCorruption(service, condition);
    case 'not-mounted':
      return isDone || isNoted || isAnyway ? NOTHING : notMounted(service, condition);
    case 'whole':
      return isDone || isAnyway ? NOTHING : intact(service, condition);
    case 'no-table':
      return isAnyway ? NOTHING : withoutTable(service, condition);
    case 'gone':
      return isAnyway || (isNoted && !isDone) ? NOTHING : withoutTable(service, condition);
    case 'read-only':
      return readOnly(facts, condition);
    case 'indexes':
      return isAnyway || choice.from === 'reindex' ? NOTHING : indexes(service, condition);
    case 'search':
      return isAnyway ? NOTHING : search(service, condition);
    case 'damaged':
      return isDone || choice.from === 'reindex' ? notByThis(service, condition) : NOTHING;
  }
}

type NotMounted = Extract<Condition, { is: 'not-mounted' }>;

function indexes(service: string, { says, seen }: SaidCondition): Part {
  return found({
    code: 'indexes-damaged',
    subject: service,
    says: `${service}: ${says}; the tables themselves are whole`,
    remedy: `Make the indexes anew, on a copy: /storage restore sqlite ${service} reindex. No row is lost by that.`,
    doNot:
      'Do not restore a backup: what was written since would be lost for nothing. Do not run REINDEX on the file itself: it is the only copy.',
    seen,
  });
}

/** The Job that makes indexes anew leaves these as they are, and would end with a copy that is not whole. */
function search(service: string, { says, seen }: SaidCondition): Part {
  return found({
    code: 'search-index-damaged',
    subject: service,
    says: `${service}: ${says}; the tables themselves are whole`,
    remedy: SEARCH_REMEDY,
    doNot:
      'Do not restore a backup: what was written since would be lost for nothing. Do not try it on the file itself: it is the only copy.',
    seen,
  });
}

const WHY: Readonly<Record<string, string>> = {
  '5': 'It is locked by somebody: find who (/storage diagnose sqlite). On NFS that is usual.',
  '8': 'It may not be written: look at the mount and the rights (/storage diagnose sqlite).',
  '10': 'The storage below gave an error: look there first (/storage diagnose block, diagnose nfs).',
  '14': 'It cannot be opened: look at the mount and the rights (/storage diagnose sqlite).',
};

function notCorruption(service: string, { says, seen }: SaidCondition): Part {
  const code = /\((\d+)\)$/.exec(says)?.[1] ?? '';
  return found({
    code: 'not-corruption',
    subject: service,
    says: `${service}: ${says}, which says nothing of what is in the database`,
    remedy: WHY[`${Number(code) % 256}`] ?? 'Look why it cannot be read: /storage diagnose sqlite.',
    doNot: 'Do not restore: it would lose what was written since the backup, and the cause would still be there.',
    seen,
  });
}

/** Of a disk that its kernel stopped writing to, a restore would write to a file system that is damaged itself. */
function readOnly({ look: { backing }, asked: { service } }: Facts, { says, seen }: SaidCondition): Part {
  const isNfs = backing?.found === true && backing.volume.backing.kind === 'nfs';
  const where = isNfs ? `/storage diagnose nfs ${service}` : '/storage diagnose block';
  return found({
    code: 'read-only',
    subject: service,
    says: `${service}: ${says}`,
    remedy: `Find out first what made it so: /storage diagnose sqlite ${service}, and ${where}. A file system with an error is looked at unmounted (e2fsck -n) before anything is written to it. Then ask again.`,
    doNot: 'Do not restore, and do not remount it with rw: files are not what is wrong, and the next ones would be lost as well.',
    seen,
  });
}

function notMounted(service: string, { seen }: NotMounted): Part {
  return found({
    code: 'not-mounted',
    subject: service,
    says: `No pod has the volume of ${service} mounted: how the database is, nobody can say`,
    remedy: 'Start it and ask again, or name the backup and say "anyway": what is there now is kept whatever it is.',
    seen,
  });
}

function intact(service: string, { says, seen }: SaidCondition): Part {
  return found({
    code: 'intact',
    subject: service,
    says: `${service}: ${says}`,
    remedy: 'Nothing is to be repaired. Whoever wants the state of the backup all the same says "anyway" behind it.',
    doNot: 'Do not restore because an alert says so: its check counts a lock as corruption.',
    seen,
  });
}

function notByThis(service: string, { says, seen }: SaidCondition): Part {
  return found({
    code: 'damaged',
    subject: service,
    says: `${service}: ${says}`,
    remedy: `Choose a backup, or another one: /storage restore sqlite ${service}`,
    doNot: 'Do not run REINDEX, VACUUM or .recover on it: it is the only copy.',
    seen,
  });
}

function withoutTable(service: string, { says, seen }: SaidCondition): Part {
  return found({
    code: 'no-table',
    subject: service,
    says: `${service}: ${says}`,
    remedy: `Find out first whether this is another file, a new one that the application made, or a table that newer versions do not have (site.databases.sqlite.${service}). Then name the backup and say "anyway".`,
    doNot:
      'Do not restore before it is known where the old database went: it may be in another volume, and newer than any backup.',
    seen,
  });
}
