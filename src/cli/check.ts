import { sshSecrets } from '../app/logins.ts';
import { openSecrets } from '../app/secrets.ts';
import { showSecretRef } from '../config/fields.ts';
import type { Config } from '../config/schema.ts';
import { messageOf } from '../core/errors.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** The configuration has been read already; tells what works with it and which of its secrets can be read from here. */
export async function checkConfig(config: Config, terminal: Terminal): Promise<ExitCode> {
  const { resolve } = openSecrets(config);
  const refs = new Map([...slackSecrets(config), ...sshSecrets(config)].map((ref) => [showSecretRef(ref), ref]));
  const secrets = await Promise.all(
    [...refs].map(async ([name, ref]) =>
      resolve(ref).then(
        () => ({ name, says: 'can be read', ok: true }),
        (error: unknown) => ({ name, says: messageOf(error), ok: false }),
      ),
    ),
  );
  terminal.out('The configuration is right.\n');
  for (const notice of notices(config)) terminal.out(`  ${notice}\n`);
  terminal.out('Its secrets, as they can be read from here:\n');
  for (const { name, says, ok } of secrets) terminal.out(`  ${ok ? 'ok     ' : 'missing'}  ${ok ? `${name} ${says}` : says}\n`);
  return secrets.every(({ ok }) => ok) ? EXIT.well : EXIT.blind;
}

function slackSecrets({ slack }: Config) {
  return slack === undefined ? [] : [slack.appToken, slack.botToken];
}

/** What is right and may still surprise. */
function notices({ slack, approval, nodes }: Config): string[] {
  const closed = (['normal', 'high', 'destructive'] as const).filter((tier) => approval.tiers[tier].approvers.length === 0);
  return [
    ...(slack === undefined ? ['There is no slack section: only the command line works.'] : []),
    ...closed.map((tier) => `Nobody may approve changes of ${tier} risk: approval.tiers.${tier}.approvers is empty.`),
    ...(Object.keys(nodes.hostKeys).length === 0
      ? ['No host key of a node is pinned (nodes.hostKeys): the bot cannot look inside nodes.']
      : []),
  ];
}
