import { addBackups, postgresDumpOf, postgresNights, vaultwardenBackups } from '../site/databases/backups.ts';
import { emptyLinkwarden, replaceNewest, truncate, usual } from './backup-changes.ts';
import type { Scenario } from './scenario.ts';

export const flawedBackups: readonly Scenario[] = [
  {
    name: 'backups-truncated',
    says: "The pool was full while last night's dump was written: a part of it lies there.",
    prepare: truncate,
  },
  {
    name: 'backups-without-trailer',
    says: "Last night's dump was cut between two lines, so that gzip finds nothing wrong with it.",
    prepare: (world) => {
      usual(world);
      replaceNewest(world, postgresNights(world), { content: { ...postgresDumpOf(0), isTruncated: true } });
    },
  },
  {
    name: 'backups-damaged',
    says: 'The newest copy of the passwords is malformed.',
    prepare: (world) => {
      usual(world);
      const [newest] = vaultwardenBackups(world);
      if (newest?.content.kind !== 'sqlite') throw new Error('The lab has no copy of the passwords');
      const integrity = '*** in database main ***\nTree 14 page 2041: btreeInitPage() returns error code 11';
      addBackups(world, [{ ...newest, content: { ...newest.content, integrity } }]);
    },
  },
  {
    name: 'backups-incomplete',
    says: 'The key that Vaultwarden signs with is missing in the newest copy.',
    prepare: (world) => {
      usual(world);
      const [newest] = vaultwardenBackups(world);
      if (newest?.content.kind !== 'sqlite') throw new Error('The lab has no copy of the passwords');
      const files = newest.content.files.filter((file) => file !== 'rsa_key.pem');
      addBackups(world, [{ ...newest, content: { ...newest.content, files } }]);
    },
  },
  {
    name: 'backups-schema-only',
    says: 'The last dump was made with --schema-only.',
    prepare: (world) => {
      usual(world);
      replaceNewest(world, postgresNights(world), { bytes: 40_118, content: { ...postgresDumpOf(0), isSchemaOnly: true } });
    },
  },
  {
    name: 'backups-empty-database',
    says: 'The database linkwarden was empty for so long that every dump that is kept has its tables without rows.',
    prepare: emptyLinkwarden,
  },
  {
    name: 'backups-constant-size',
    says: 'All dumps of the last weeks have the very same size.',
    prepare: (world) => {
      usual(world);
      addBackups(
        world,
        postgresNights(world).map((night) => ({ ...night, bytes: 11_540_112, content: postgresDumpOf(0) })),
      );
    },
  },
  {
    name: 'backups-shrunk',
    says: 'Half of what was in a database is gone, and the last dump is whole.',
    prepare: (world) => {
      usual(world);
      replaceNewest(world, postgresNights(world), { bytes: 3_251_200 });
    },
  },
];
