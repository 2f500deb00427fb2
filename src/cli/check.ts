import { requireAlertRules } from '../app/alert-rules.ts';
import { configuredSecrets } from '../app/configured-secrets.ts';
import { openSecrets } from '../app/secrets.ts';
import { policyNotices } from '../approval/notices.ts';
import { showSecretRef } from '../config/fields.ts';
import type { Config } from '../config/schema.ts';
import { messageOf } from '../core/errors.ts';
import type { Runbook } from '../core/runbook.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** The configuration has been read already; tells what works with it and which of its secrets can be read from here. */
export async function checkConfig(
  config: Config,
  { terminal, runbooks }: { readonly terminal: Terminal; readonly runbooks: readonly Runbook[] },
): Promise<ExitCode> {
  requireAlertRules(config, runbooks);
  const { resolve } = openSecrets(config);
  const secrets = await Promise.all(
    configuredSecrets(config).map(async (ref) => {
      const name = showSecretRef(ref);
      return resolve(ref).then(
        () => ({ name, says: 'can be read', ok: true }),
        (error: unknown) => ({ name, says: messageOf(error), ok: false }),
      );
    }),
  );
  terminal.out('The configuration is right.\n');
  for (const notice of notices(config)) terminal.out(`  ${notice}\n`);
  terminal.out('Its secrets, as they can be read from here:\n');
  for (const { name, says, ok } of secrets) terminal.out(`  ${ok ? 'ok     ' : 'missing'}  ${ok ? `${name} ${says}` : says}\n`);
  return secrets.every(({ ok }) => ok) ? EXIT.well : EXIT.blind;
}

/** What is right and may still surprise. */
function notices({ slack, approval, nodes }: Config): string[] {
  return [
    ...(slack === undefined ? ['There is no slack section: only the command line works.'] : []),
    ...policyNotices(approval),
    ...(Object.keys(nodes.hostKeys).length === 0
      ? ['No host key of a node is pinned (nodes.hostKeys): the bot cannot look inside nodes.']
      : []),
  ];
}
