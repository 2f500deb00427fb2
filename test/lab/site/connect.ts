import { openTargets } from '../../../src/app/targets.ts';
import { parseConfig } from '../../../src/config/config.ts';
import { createSecrets, systemSources } from '../../../src/config/secrets.ts';
import type { Targets } from '../../../src/core/ports.ts';
import { createLog } from '../../../src/log.ts';
import type { LabSite } from './lab.ts';

/** The bot's own connectors over the lab's own configuration. */
export function targetsOf({ configText }: LabSite): Promise<Targets> {
  return openTargets(parseConfig(configText), {
    secrets: createSecrets(systemSources()),
    log: createLog({ secrets: () => [], level: 'silent' }),
  });
}
